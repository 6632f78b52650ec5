import { Router } from 'express';
import { site, unknownCampaign } from '../campaigns/campaigns';
import { longDateTime } from '../locale';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { listDisclosures } from './exports';
import { FORMATS } from './profile.types';
import { sendExport } from './send';

/** Staff take all leads of a campaign, and see who took which. */
export function staffExportRoutes(_services: Services): Router {
  const router = Router();
  router.use('/staff/exports', requireStaff());

  router.get('/staff/exports/:slug/leads.:format', requireStaff('admin', 'marketer'), async (request, response) => {
    const campaign = String(request.params['slug']);
    const format = FORMATS.find((one) => one === request.params['format']);
    if (!format) throw unknownCampaign(campaign);
    await sendExport(request, response, { campaign, format, actor: accountOf(response).email });
  });

  router.get('/staff/exports/:slug', async (request, response) => {
    const { slug } = request.params;
    const [disclosures, { locale, timezone }] = await Promise.all([listDisclosures(slug), site()]);
    const when = (at: Date) => longDateTime(at, locale, timezone);
    await renderPage(request, response, 'exports/disclosures', {
      title: 'Who took which leads',
      slug,
      disclosures,
      when,
    });
  });

  return router;
}
