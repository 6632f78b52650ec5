import { type Request, type Response, Router } from 'express';
import type { Campaign } from '../campaigns/campaign.types';
import {
  countries,
  type FormError,
  findCampaign,
  site as publisher,
  readForm,
  type Typed,
} from '../campaigns/campaigns';
import { listDeliveries, suppress } from '../deliveries/deliveries';
import { GatefoldError } from '../errors';
import { disclosuresOf } from '../exports/exports';
import {
  capture,
  findLead,
  findRequest,
  type Lead,
  type LeadRequest,
  prove,
  requestsOf,
  withdraw,
} from '../leads/leads';
import { longDateTime } from '../locale';
import { listSponsors } from '../sponsors/sponsors';
import { readUrlEncoded } from '../web/body';
import { limitPosts } from '../web/limits';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { answerLines, CORRECTABLE, typedAnswers } from './own-answers';
import { openToken } from './reader-token';

type ByToken = Request<{ token: string }>;

interface Mine {
  lead: Lead;
  request: LeadRequest;
  campaign: Campaign | null;
}

const DONE: Record<string, string> = {
  withdrawn: 'Taken back. It counts from now on.',
  corrected: 'Corrected. A copy with the right details comes by mail.',
};

/**
 * What we hold about a reader, for whoever has a link from their mailbox: to see it and who received it (GDPR Art. 15), to
 * correct it (16), and to take consents back (7(3)).
 */
export function ownPageRoutes(services: Services): Router {
  const router = Router();
  const post = [limitPosts(services), readUrlEncoded];

  router.get('/me/:token', async (request: ByToken, response) => {
    await show(request, response, await findMine(services, request.params.token));
  });

  router.post('/me/:token/withdraw', ...post, async (request: ByToken, response: Response) => {
    const { lead } = await findMine(services, request.params.token);
    const key = String(request.body['consent'] ?? '');
    const taken = lead.current.consents.filter((consent) => consent.key === key && consent.given);
    // The list first: it stops what is about to go, whatever becomes of the rest.
    if (taken.some(({ sponsor }) => sponsor === undefined)) {
      await suppress({ who: lead.email, purpose: key, why: 'unsubscribed', at: services.now() });
    }
    await withdraw(lead.id, key, `${services.links.origin}/me/`, services.now());
    services.nudge();
    response.redirect(303, `/me/${request.params.token}?done=withdrawn`);
  });

  router.post('/me/:token/correct', ...post, (request: ByToken, response: Response) =>
    correctAnswers(services, request, response),
  );

  return router;
}

/** Only a link that went through the mailbox opens the page: a page token is as good as none. */
async function findMine(services: Services, text: string): Promise<Mine> {
  const { request: ref, channel } = await openToken(services, text);
  const request = channel === 'mail' ? await findRequest(ref) : null;
  const lead = request && (await findLead(request.lead));
  if (request && lead) return { request, lead, campaign: await findCampaign(lead.campaign) };
  throw new GatefoldError('not-found', 'no-own-page', {
    log: 'a link that opens no reader’s own page',
    reader: 'There is nothing behind this link, or it has been erased.',
    wayOut: 'Use the link in the message that brought you the paper.',
  });
}

/**
 * Corrected answers are a new request of the same lead, proved by the link that its reader came by; what was asked before
 * stays as it was. It has no consents of its own: those that were given stand.
 */
async function correctAnswers(services: Services, request: ByToken, response: Response): Promise<void> {
  const mine = await findMine(services, request.params.token);
  const { lead, campaign } = mine;
  if (!campaign) return response.redirect(303, `/me/${request.params.token}`);
  const typed = typedAnswers(lead.current.answers, request.body);
  const form = readForm(campaign, typed);
  if ('errors' in form) return show(request, response, mine, { typed, errors: form.errors });
  const at = services.now();
  const {
    ref: _,
    lead: __,
    provedAt: ___,
    correctedAt: ____,
    confirmFirst: _____,
    corrects: ______,
    ...same
  } = mine.request;
  const answers = { ...form.value.answers, email: lead.email };
  const corrected = await capture({
    ...same,
    at,
    answers,
    consents: [],
    suspicions: [],
    addressClass: lead.addressClass,
  });
  await prove(corrected.ref, at);
  services.nudge();
  response.redirect(303, `/me/${request.params.token}?done=corrected`);
}

async function show(
  request: ByToken,
  response: Response,
  { lead, campaign }: Mine,
  mistakes?: { typed: Typed; errors: FormError[] },
): Promise<void> {
  response.set({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex', 'Referrer-Policy': 'no-referrer' });
  const [requests, deliveries, disclosures, sponsors, { locale, timezone }] = await Promise.all([
    requestsOf(lead.id),
    listDeliveries(lead.id),
    disclosuresOf(lead.id),
    listSponsors(),
    publisher(),
  ]);
  const names = new Map(sponsors.map(({ slug, name }) => [slug, name]));
  const asked = new Set(campaign?.form.fields.map(({ key }) => key));
  const locals = {
    title: mistakes ? 'Error: correct what is wrong' : 'What we hold about you',
    lead,
    paper: campaign?.title ?? lead.campaign,
    token: request.params.token,
    requests: requests.map((one) => ({ ...one, lines: answerLines(one.answers, campaign, locale) })),
    current: answerLines(lead.current.answers, campaign, locale),
    fields: campaign ? CORRECTABLE.filter(({ key }) => asked.has(key)) : [],
    countries: countries(locale),
    typed: mistakes?.typed ?? typedAnswers(lead.current.answers, {}),
    errors: mistakes?.errors ?? [],
    deliveries,
    received: disclosures.flatMap(({ sponsor, at }) => (sponsor ? [{ name: names.get(sponsor) ?? sponsor, at }] : [])),
    names,
    done: DONE[String(request.query['done'] ?? '')],
    when: (at: Date) => longDateTime(at, locale, timezone),
  };
  await renderPage(request, response, 'landing/me', locals, { status: mistakes ? 422 : 200 });
}
