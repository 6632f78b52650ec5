import { Router } from 'express';
import { setUpOf } from '../campaigns/campaigns';
import { examine } from '../mail/mail';
import { requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';

/** Whether mail from here arrives, as `gatefold doctor` tells it. */
export function doctorRoutes({ config }: Services): Router {
  const router = Router();
  router.get('/staff/mail', requireStaff('admin', 'marketer'), async (request, response) => {
    const checks = await examine(await setUpOf(config));
    await renderPage(request, response, 'mail/doctor', { title: 'Does mail arrive?', checks });
  });
  return router;
}
