import { Router } from 'express';
import { unknownCampaign } from '../campaigns/campaigns';
import { accountOf, requireStaff } from '../web/guards';
import type { Services } from '../web/services';
import { historyRoutes } from './history.routes';
import { profileRoutes } from './profile.routes';
import { FORMATS } from './profile.types';
import { scheduleRoutes } from './schedule.routes';
import { sendExport } from './send';
import type { Side } from './side';
import { takeRoutes } from './take.routes';

const mayTake: Side['mayTake'] = (response) => accountOf(response).role !== 'analyst';
const SIDE: Side = {
  base: '/staff/handover',
  campaign: (slug) => `/staff/campaigns/${slug}`,
  downloads: (slug) => `/staff/exports/${slug}`,
  owner: () => undefined,
  mayChange: mayTake,
  mayTake,
};

/** Staff take all leads of a campaign, and see who took which. */
export function staffExportRoutes(services: Services): Router {
  const router = Router();
  router.use(['/staff/exports', '/staff/handover'], requireStaff());

  router.get('/staff/exports/:slug/leads.:format', requireStaff('admin', 'marketer'), async (request, response) => {
    const campaign = String(request.params['slug']);
    const format = FORMATS.find((one) => one === request.params['format']);
    if (!format) throw unknownCampaign(campaign);
    await sendExport(request, response, { campaign, format, actor: accountOf(response).email });
  });

  router.use(scheduleRoutes(services, SIDE), profileRoutes(SIDE), takeRoutes(SIDE), historyRoutes(SIDE));

  return router;
}
