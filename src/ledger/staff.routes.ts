import { Router } from 'express';
import { listCampaigns, site } from '../campaigns/campaigns';
import { shortDate } from '../locale';
import { contractsOfCampaign, listSponsors } from '../sponsors/sponsors';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { feedbackPages } from './feedback.routes';
import { forecastWords } from './forecast-words';
import { courseOf, summary } from './ledger';
import { ledgerPages } from './page.routes';
import { returnQueueRoutes } from './returns.routes';
import type { Side } from './side.types';
import { termsRoutes } from './terms.routes';

const SIDE: Side = {
  staff: true,
  path: '/staff/ledger/:slug/:sponsor',
  base: (slug, sponsor) => `/staff/ledger/${slug}/${sponsor}`,
  sponsor: (request) => String(request.params['sponsor']),
  may: (response) => accountOf(response).role !== 'analyst',
  campaign: (slug) => `/staff/campaigns/${slug}`,
};

/** Every contract, how it goes, and the ledger of each. */
export function staffLedgerRoutes(services: Services): Router {
  const router = Router();
  router.use('/staff/ledger', requireStaff());
  router.get('/staff/ledger', async (request, response) => {
    const [rows, { locale, timezone }] = await Promise.all([contracts(services.now()), site()]);
    const day = (at: Date) => shortDate(at, locale, timezone);
    await renderPage(request, response, 'ledger/contracts', { title: 'Ledger', rows, forecastWords, day });
  });
  router.use(ledgerPages(SIDE, services), termsRoutes(SIDE, services));
  router.use(feedbackPages(SIDE, services), returnQueueRoutes());
  return router;
}

async function contracts(now: Date) {
  const [all, sponsors, { timezone }] = await Promise.all([listCampaigns(), listSponsors(), site()]);
  const names = new Map(sponsors.map(({ slug, name }) => [slug, name]));
  const found = await Promise.all(
    all.map(async (campaign) => (await contractsOfCampaign(campaign.slug)).map((contract) => ({ campaign, contract }))),
  );
  return Promise.all(
    found.flat().map(async ({ campaign, contract }) => ({
      campaign,
      contract,
      sponsor: names.get(contract.sponsor) ?? contract.sponsor,
      counts: await summary(contract.campaign, contract.sponsor),
      forecast: (await courseOf(contract, now, timezone)).forecast,
    })),
  );
}
