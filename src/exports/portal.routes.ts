import { type Request, type Response, Router } from 'express';
import { audit } from '../accounts/accounts';
import { findCampaign, site } from '../campaigns/campaigns';
import { summary } from '../ledger/ledger';
import { longDateTime } from '../locale';
import { contractsOfSponsor, findContract, findSponsor } from '../sponsors/sponsors';
import { accountOf, requireSponsor, sponsorOf } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { type Format, newestFor } from './exports';
import { historyRoutes } from './history.routes';
import { profileRoutes } from './profile.routes';
import { FORMATS } from './profile.types';
import { unknownCampaignOf } from './run';
import { scheduleRoutes } from './schedule.routes';
import { sendExport } from './send';
import type { Side } from './side';
import { takeRoutes } from './take.routes';

const NEWEST = 50;

const SIDE: Side = {
  base: '/portal',
  campaign: (slug) => `/portal/campaigns/${slug}`,
  downloads: (slug) => `/portal/campaigns/${slug}/downloads`,
  owner: sponsorOf,
  mayChange: (response) => accountOf(response).role === 'sponsor-admin',
  mayTake: () => true,
};

/** What a sponsor's people see: their campaigns, their leads, their downloads. Every query starts from their sponsor. */
export function portalRoutes(services: Services): Router {
  const router = Router();
  router.use('/portal', requireSponsor);

  router.get('/portal', showCampaigns);
  router.get('/portal/campaigns/:slug', async (request, response) =>
    showCampaign(request, response, request.params.slug),
  );

  router.get('/portal/campaigns/:slug/leads.:format', async (request, response) => {
    const { slug, format } = request.params;
    const sponsor = sponsorOf(response);
    const wanted = { campaign: slug, sponsor, format: knownFormat(format, slug, sponsor) };
    await sendExport(request, response, { ...wanted, actor: accountOf(response).email });
  });

  router.use(scheduleRoutes(services, SIDE), takeRoutes(SIDE), profileRoutes(SIDE), historyRoutes(SIDE));
  return router;
}

async function showCampaigns(request: Request, response: Response): Promise<void> {
  const sponsor = sponsorOf(response);
  const contracts = await contractsOfSponsor(sponsor);
  const rows = await Promise.all(
    contracts.map(async (contract) => ({
      contract,
      campaign: await findCampaign(contract.campaign),
      counts: await summary(contract.campaign, sponsor),
    })),
  );
  const locals = {
    title: 'Your campaigns',
    sponsor: await findSponsor(sponsor),
    rows: rows.filter((row) => row.campaign),
  };
  await renderPage(request, response, 'exports/portal', locals);
}

async function showCampaign(request: Request, response: Response, slug: string): Promise<void> {
  const sponsor = sponsorOf(response);
  const [contract, campaign] = await Promise.all([findContract(slug, sponsor), findCampaign(slug)]);
  if (!contract || !campaign) throw unknownCampaignOf(slug, sponsor);
  const [counts, leads, { locale, timezone }] = await Promise.all([
    summary(slug, sponsor),
    newestFor(slug, sponsor, NEWEST),
    site(),
  ]);
  const subjects = leads.map(({ id }) => id);
  if (subjects.length > 0) {
    await audit({ actor: accountOf(response).email, kind: 'read', action: 'listed leads', subject: slug, subjects });
  }
  const when = (at: Date) => longDateTime(at, locale, timezone);
  const locals = { contract, campaign, counts, leads, formats: FORMATS, when, newest: NEWEST };
  await renderPage(request, response, 'exports/portal-campaign', { title: campaign.title, ...locals });
}

function knownFormat(text: string, slug: string, sponsor: string): Format {
  const format = FORMATS.find((one) => one === text);
  if (!format) throw unknownCampaignOf(slug, sponsor);
  return format;
}
