import { Router } from 'express';
import { storeAnswers } from '../store/store';

/** For load balancers: alive, and ready. Neither depends on mail. */
export function healthRoutes(): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.type('text').send('alive\n');
  });
  router.get('/readyz', async (_request, response) => {
    const ready = await storeAnswers();
    response
      .status(ready ? 200 : 503)
      .type('text')
      .send(ready ? 'ready\n' : 'the store does not answer\n');
  });
  return router;
}
