import { Router } from 'express';
import { findCampaign, site as publisher, unknownCampaign } from '../campaigns/campaigns';
import { requireStaff } from '../web/guards';
import type { Services } from '../web/services';
import { formView } from './form-view';
import { showPaper } from './whitepaper.routes';

/** The landing page as its readers will see it, whatever the campaign's status; nothing can be sent from it. */
export function staffPreviewRoutes(services: Services): Router {
  const router = Router();
  router.get('/staff/campaigns/:slug/preview', requireStaff(), async (request, response) => {
    const slug = String(request.params['slug']);
    const [campaign, { locale }] = await Promise.all([findCampaign(slug), publisher()]);
    if (!campaign) throw unknownCampaign(slug);
    response.locals['layout'] = 'web/layout';
    await showPaper(services, request, response, { campaign, form: formView(campaign, locale), preview: true });
  });
  return router;
}
