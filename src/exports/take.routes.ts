import { type Request, type Response, Router } from 'express';
import { site } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { longDateTime } from '../locale';
import { readForm } from '../web/csrf';
import { accountOf } from '../web/guards';
import { renderPage } from '../web/page';
import { listDisclosures, listProfiles } from './exports';
import { readRange } from './profile.form';
import { FORMATS } from './profile.types';
import { campaignFor } from './run';
import { sendAgain, sendExport } from './send';
import type { Side } from './side';

/** Taking leads of a campaign away by a profile, and who took which. */
export function takeRoutes(side: Side): Router {
  const router = Router();
  const path = side.downloads(':slug');

  router.get(path, (request, response) => showTaking(request, response, side));

  // A download moves the checkpoint of its profile, so it is asked for by POST.
  router.post(path, readForm, async (request, response) => {
    refuseOnlookers(side, response);
    const range = readRange(request.body);
    if (!range) return showTaking(request, response, side, 'Enter two days, the first before the last.');
    const wanted = { ...subject(side, request, response), range, ...chosenBy(request.body['profile']) };
    await sendExport(request, response, wanted);
  });

  router.post(`${path}/again`, readForm, async (request, response) => {
    refuseOnlookers(side, response);
    const { profile, number } = request.body;
    const which = profile ? { profile: String(profile) } : {};
    try {
      await sendAgain(response, { ...subject(side, request, response), ...which, number: Number(number) || 0 });
    } catch (error) {
      if (!(error instanceof GatefoldError) || error.kind !== 'conflict') throw error;
      await showTaking(request, response, side, `${error.reader} ${error.wayOut ?? ''}`);
    }
  });

  return router;
}

function refuseOnlookers({ mayTake }: Side, response: Response): void {
  if (mayTake(response)) return;
  throw new GatefoldError('forbidden', 'not-for-you', 'Your account can look at downloads and not take leads.');
}

function subject({ owner }: Side, request: Request, response: Response) {
  const sponsor = owner(response);
  const campaign = String(request.params['slug']);
  return { campaign, ...(sponsor !== undefined && { sponsor }), actor: accountOf(response).email };
}

/** `standard.csv` is the contract's own export; anything else the id of a profile. */
function chosenBy(typed: unknown) {
  const text = String(typed);
  const format = FORMATS.find((one) => text === `standard.${one}`);
  return format ? { format } : { profile: text };
}

async function showTaking(request: Request, response: Response, side: Side, mistake?: string): Promise<void> {
  const slug = String(request.params['slug']);
  const sponsor = side.owner(response);
  const campaign = await campaignFor(slug, sponsor);
  const [downloads, profiles, { locale, timezone }] = await Promise.all([
    listDisclosures(slug, sponsor),
    listProfiles(sponsor),
    site(),
  ]);
  const when = (at: Date) => longDateTime(at, locale, timezone);
  const chosen = { ...request.query, ...(request.body ?? {}) };
  const view = { campaign, downloads, profiles, formats: FORMATS, when, mistake, chosen, staff: sponsor === undefined };
  const places = { base: side.base, back: side.campaign(slug), here: side.downloads(slug) };
  const locals = { ...view, ...places, may: side.mayTake(response) };
  const title = `${mistake ? 'Error: take leads away' : 'Take leads away'}: ${campaign.title}`;
  await renderPage(request, response, 'exports/take', { title, ...locals }, { status: mistake ? 422 : 200 });
}
