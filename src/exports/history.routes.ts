import { type Request, type Response, Router } from 'express';
import { audit } from '../accounts/accounts';
import { findCampaign, site } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { findLead } from '../leads/leads';
import { longDateTime } from '../locale';
import { listSponsors } from '../sponsors/sponsors';
import { accountOf } from '../web/guards';
import { renderPage } from '../web/page';
import { disclosuresOf } from './exports';
import { visible } from './rows';
import type { Side } from './side';

/** Every time one lead went out, on one page, with the consent on which it did; on both sides of the house. */
export function historyRoutes(side: Side): Router {
  const router = Router();
  router.get(`${side.base}/leads/:lead/disclosures`, async (request, response) =>
    show(side, String(request.params['lead']), request, response),
  );
  return router;
}

async function show(side: Side, id: string, request: Request, response: Response): Promise<void> {
  const owner = side.owner(response);
  const [lead, all] = await Promise.all([findLead(id), disclosuresOf(id)]);
  const disclosures = owner === undefined ? all : all.filter(({ sponsor }) => sponsor === owner);
  const theirs =
    lead && !lead.test && (owner === undefined || (await visible(lead.campaign, owner, [id])).has(id)) ? lead : null;
  // What went out once stays on record, whatever became of the lead since.
  if (!theirs && disclosures.length === 0) throw unknownLead(id);
  const slug = theirs?.campaign ?? disclosures[0]?.campaign ?? '';
  const [campaign, { locale, timezone }, sponsors] = await Promise.all([findCampaign(slug), site(), listSponsors()]);
  await audit({ actor: accountOf(response).email, kind: 'read', action: 'read the disclosures of lead', subject: id });
  const consents = theirs?.current.consents.filter(({ sponsor }) => owner === undefined || sponsor === owner);
  const locals = {
    ...{ lead: id, theirs: theirs !== null, consents, disclosures, campaign, owner },
    back: side.campaign(slug),
    name: (one: string) => sponsors.find((sponsor) => sponsor.slug === one)?.name ?? one,
    when: (at: Date) => longDateTime(at, locale, timezone),
  };
  await renderPage(request, response, 'exports/history', { title: `Disclosures of lead ${id}`, ...locals });
}

/** The same when there is none and when it is another's. */
const unknownLead = (id: string) =>
  new GatefoldError('not-found', 'unknown-lead', { log: `no lead ${id} of theirs`, reader: 'There is no such lead.' });
