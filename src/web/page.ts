import type { Request, Response } from 'express';
import { site as publisher, siteLinks } from '../campaigns/campaigns';
import { assetUrl } from './assets';

/** What a view may tell the layout; everything else in the locals is the view's own. */
export interface PageLocals {
  title: string;
  /** One sentence for search engines and link previews. */
  description?: string;
  [name: string]: unknown;
}

/**
 * Renders `views/<view>.ejs` inside the layout of its part of the house (`res.locals.layout`, or the readers').
 * @param view path below views/, without extension
 */
export async function renderPage(
  request: Request,
  response: Response,
  view: string,
  locals: PageLocals,
  options: { status?: number } = {},
): Promise<void> {
  const site = await publisher();
  const shared = { description: '', site, ...siteLinks(site), asset: assetUrl, path: request.path, ...locals };
  const body = await render(response, view, shared);
  const layout = typeof response.locals['layout'] === 'string' ? response.locals['layout'] : 'web/layout';
  const html = await render(response, layout, { ...shared, body });
  response
    .status(options.status ?? 200)
    .type('html')
    .send(html);
}

function render(response: Response, view: string, locals: object): Promise<string> {
  return new Promise((resolve, reject) => {
    response.render(view, locals, (error: Error | null, html: string) => (error ? reject(error) : resolve(html)));
  });
}
