import { type Request, type Response, Router } from 'express';
import { GatefoldError } from '../errors';
import { longDateTime } from '../locale';
import { contractsOfCampaign, findSponsor } from '../sponsors/sponsors';
import { readForm } from '../web/csrf';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import {
  availability,
  type Campaign,
  close,
  findCampaign,
  listCampaigns,
  pause,
  publish,
  site as publisher,
  type Site,
  unknownCampaign,
  versionsOf,
} from './campaigns';
import { editorRoutes } from './editor.routes';
import { sampleRoutes } from './sample.routes';

/** What a button on the campaign's page does. */
const VERBS = { publish, pause, close } as const;
type Verb = keyof typeof VERBS;

/** The steps that its status leaves, most likely first. */
const STEPS: Record<Campaign['status'], Verb[]> = {
  draft: ['publish'],
  open: ['pause', 'close'],
  paused: ['publish', 'close'],
  closed: ['publish'],
};

/** Staff: the campaigns, what each is made of, and its life. */
export function staffCampaignRoutes(services: Services): Router {
  const router = Router();
  router.use(editorRoutes(services), sampleRoutes(services));

  router.get('/staff/campaigns', requireStaff(), async (request: Request, response: Response) => {
    const [site, campaigns] = await Promise.all([publisher(), listCampaigns()]);
    const rows = campaigns.map((campaign) => ({ ...campaign, ...datesOf(campaign, site) }));
    await renderPage(request, response, 'campaigns/list', { title: 'Campaigns', campaigns: rows });
  });

  router.get('/staff/campaigns/:slug', requireStaff(), (request: Request<{ slug: string }>, response: Response) =>
    showCampaign(services, request, response),
  );

  for (const [verb, step] of Object.entries(VERBS)) {
    router.post(
      `/staff/campaigns/:slug/${verb}`,
      requireStaff('admin', 'marketer'),
      readForm,
      async (request: Request<{ slug: string }>, response: Response) => {
        const { slug } = request.params;
        try {
          await step(slug, accountOf(response).email, services.config.dataDir);
          response.redirect(303, `/staff/campaigns/${slug}`);
        } catch (error) {
          // What can't be stamped is for staff to mend: the reason stands on the campaign's own page.
          if (!(error instanceof GatefoldError) || error.kind === 'not-found') throw error;
          await showCampaign(services, request, response, error);
        }
      },
    );
  }

  return router;
}

function datesOf({ opens, closes }: Campaign, { locale, timezone }: Site) {
  const date = (at: Date | undefined) => at && longDateTime(at, locale, timezone);
  return { opensText: date(opens), closesText: date(closes) };
}

async function showCampaign(
  { now }: Services,
  request: Request<{ slug: string }>,
  response: Response,
  refusal?: GatefoldError,
): Promise<void> {
  const { slug } = request.params;
  const campaign = await findCampaign(slug);
  if (!campaign) throw unknownCampaign(slug);
  const [site, sponsors, contracts, versions] = await Promise.all([
    publisher(),
    Promise.all(campaign.sponsors.map(findSponsor)),
    contractsOfCampaign(slug),
    versionsOf(slug),
  ]);
  const locals = {
    title: refusal ? `Error: ${campaign.title}` : campaign.title,
    campaign: { ...campaign, ...datesOf(campaign, site) },
    availability: availability(campaign, now()),
    sponsors: sponsors.filter((sponsor) => sponsor !== null),
    contracts,
    versions: versions.map((one) => ({ ...one, sinceText: longDateTime(one.since, site.locale, site.timezone) })),
    steps: STEPS[campaign.status],
    mayChange: accountOf(response).role !== 'analyst',
    refusal,
  };
  await renderPage(request, response, 'campaigns/show', locals, { status: refusal ? 422 : 200 });
}
