import { type Request, type Response, Router } from 'express';
import { GatefoldError } from '../errors';
import { longDateTime } from '../locale';
import { contractsOfCampaign, findSponsor } from '../sponsors/sponsors';
import { readForm } from '../web/csrf';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import {
  addressOf,
  archive,
  availability,
  type Campaign,
  checkReady,
  close,
  duplicate,
  findCampaign,
  listCampaigns,
  lookOutside,
  pause,
  picturesOf,
  publish,
  site as publisher,
  reopen,
  type Site,
  STEPS,
  showPictures,
  unarchive,
  unknownCampaign,
  versionsOf,
} from './campaigns';
import { inspectUpload } from './check-ready';
import { editorRoutes } from './editor.routes';
import { importRoutes } from './import.routes';
import { sampleRoutes } from './sample.routes';
import { readSample, sampleView } from './sample-view';
import { sitePageRoutes } from './site.routes';

/** What a button on the campaign's page does. */
const VERBS = { publish, reopen, pause, close, archive, unarchive } as const;

/** Staff: the campaigns, what each is made of, and its life. */
export function staffCampaignRoutes(services: Services): Router {
  const router = Router();
  router.use(importRoutes(services), editorRoutes(services), sampleRoutes(services), sitePageRoutes());

  router.get('/staff/campaigns', requireStaff(), async (request: Request, response: Response) => {
    const [site, all] = await Promise.all([publisher(), listCampaigns()]);
    const archived = request.query['archived'] !== undefined;
    const campaigns = all.filter((campaign) => (campaign.archived === true) === archived);
    const put = all.filter((campaign) => campaign.archived).length;
    const rows = campaigns.map((campaign) => ({ ...campaign, ...datesOf(campaign, site) }));
    await renderPage(request, response, 'campaigns/list', { title: 'Campaigns', campaigns: rows, archived, put });
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
          if (verb === 'publish' || verb === 'reopen') await lookOutside(slug, services.config, services.now());
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

  router.post(
    '/staff/campaigns/:slug/links',
    requireStaff('admin', 'marketer'),
    readForm,
    async ({ params: { slug } }: Request<{ slug: string }>, response: Response) => {
      if (!(await findCampaign(slug))) throw unknownCampaign(slug);
      await lookOutside(slug, services.config, services.now());
      response.redirect(303, `/staff/campaigns/${slug}#ready-title`);
    },
  );

  router.post(
    '/staff/campaigns/:slug/duplicate',
    requireStaff('admin', 'marketer'),
    readForm,
    async (request: Request<{ slug: string }>, response: Response) => {
      const { email } = accountOf(response);
      const copy = await duplicate(request.params.slug, email, services.config.dataDir);
      response.redirect(303, `/staff/campaigns/${copy.slug}/edit`);
    },
  );

  return router;
}

function datesOf({ opens, closes }: Campaign, { locale, timezone }: Site) {
  const date = (at: Date | undefined) => at && longDateTime(at, locale, timezone);
  return { opensText: date(opens), closesText: date(closes) };
}

/** A page of a reader's copy; undefined while there is no PDF. */
async function sampleOf({ query }: Request<{ slug: string }>, { slug, upload, stamp }: Campaign) {
  const inspection = upload && (await inspectUpload(upload.file));
  const sample = readSample((name) => query[name]);
  return inspection && sampleView(sample, inspection, stamp, `/staff/campaigns/${slug}/sample.webp`);
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
  const [site, pictured, checks, sponsors, contracts, versions] = await Promise.all([
    publisher(),
    picturesOf(campaign, 'upload'),
    checkReady(campaign, now()),
    Promise.all(campaign.sponsors.map(findSponsor)),
    contractsOfCampaign(slug),
    versionsOf(slug),
  ]);
  const locals = {
    title: refusal ? `Error: ${campaign.title}` : campaign.title,
    campaign: { ...campaign, ...datesOf(campaign, site) },
    availability: availability(campaign, now()),
    pictures: { ...showPictures(pictured.pictures, `/staff/campaigns/${slug}`), ...pictured },
    sponsors: sponsors.filter((sponsor) => sponsor !== null),
    contracts,
    versions: versions.map((one) => ({ ...one, sinceText: longDateTime(one.since, site.locale, site.timezone) })),
    address: addressOf(campaign),
    sample: await sampleOf(request, campaign),
    checks,
    steps: campaign.archived ? ['unarchive' as const] : STEPS[campaign.status],
    mayChange: accountOf(response).role !== 'analyst',
    refusal,
  };
  await renderPage(request, response, 'campaigns/show', locals, { status: refusal ? 422 : 200 });
}
