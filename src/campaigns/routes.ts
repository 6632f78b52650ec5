import { Router } from 'express';
import { readFile } from '../store/files';
import { site } from './site';
import { themeStyle } from './theme';

/** What the publisher brings to every page: the logo and the colours. Their addresses change with their content. */
export function siteRoutes(): Router {
  const router = Router();
  router.get('/site/logo', async (_request, response, next) => {
    const { logo } = await site();
    if (!logo) return next();
    response.set({
      'Cache-Control': 'public, max-age=31536000, immutable',
      ETag: `"${logo.file}"`,
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    });
    response.type(logo.type).send(await readFile(logo.file));
  });
  router.get('/site/theme.css', async (_request, response) => {
    response.set('Cache-Control', 'public, max-age=31536000, immutable');
    response.type('css').send(themeStyle((await site()).theme));
  });
  return router;
}
