import { Router } from 'express';
import { listCampaigns } from '../campaigns/campaigns';
import { deliveriesSummary } from '../deliveries/deliveries';
import { summary as jobSummary } from '../jobs/jobs';
import { countLeads } from '../leads/leads';
import { listSponsors } from '../sponsors/sponsors';
import { requireStaff } from './guards';
import { renderPage } from './page';
import type { Services } from './services';

/** The front page of the staff site: what needs attention, then what there is. And the design language, to look at. */
export function staffDashboardRoutes({ config }: Services): Router {
  const router = Router();
  router.get('/staff', requireStaff(), async (request, response) => {
    const [campaigns, deliveries, jobs, quarantined, active] = await Promise.all([
      listCampaigns(),
      deliveriesSummary(),
      jobSummary(),
      countLeads({ status: 'quarantined' }),
      countLeads({ status: 'active' }),
    ]);
    const leads = new Map(
      await Promise.all(
        campaigns.map(async ({ slug }) => [slug, await countLeads({ campaign: slug, status: 'active' })] as const),
      ),
    );
    const locals = { campaigns, leads, deliveries, jobs, quarantined, active, smtp: config.smtpUrl !== undefined };
    await renderPage(request, response, 'web/dashboard', { title: 'Dashboard', ...locals });
  });
  router.get('/staff/sponsors', requireStaff(), async (request, response) => {
    await renderPage(request, response, 'sponsors/list', { title: 'Sponsors', sponsors: await listSponsors() });
  });
  router.get('/staff/design', requireStaff(), async (request, response) => {
    await renderPage(request, response, 'web/design', { title: 'Design language' });
  });
  return router;
}
