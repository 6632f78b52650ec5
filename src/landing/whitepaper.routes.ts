import { type Request, type Response, Router } from 'express';
import type { Campaign } from '../campaigns/campaign.types';
import {
  ATTRIBUTION,
  addressOf,
  availability,
  type FormValue,
  type FormView,
  formView,
  markdownHtml,
  openCampaigns,
  publishedWhitepaper,
  site as publisher,
  readForm,
  recentCampaign,
  type Typed,
  typedOf,
  unknownCampaign,
} from '../campaigns/campaigns';
import type { LeadRequest } from '../leads/lead.types';
import { type Capture, capture } from '../leads/leads';
import type { FormTokenState } from '../links';
import { findSponsor } from '../sponsors/sponsors';
import { readUrlEncoded } from '../web/body';
import { limitPosts } from '../web/limits';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { consentEvidence } from './consent-evidence';
import { movedTo } from './moved';
import { onSite, paperCard, paperCards, related } from './paper-view';
import { socialOf } from './social';

/** A person leaves it empty, because it can't be seen or reached; a program that fills in all it finds doesn't. */
const HONEYPOT = 'confirm_contact';

/** The landing page and its form. */
export function whitepaperRoutes(services: Services): Router {
  const router = Router();

  router.get('/w/:slug', async (request, response) => {
    const campaign = await openOrClosedPage(services, request, response, request.params.slug);
    if (!campaign) return;
    const { locale } = await publisher();
    const form = formView(campaign, locale, attributionIn(request));
    await showPaper(services, request, response, { campaign, form });
  });

  router.post(
    '/w/:slug',
    limitPosts(services),
    readUrlEncoded,
    async (request: Request<{ slug: string }>, response: Response) => {
      const campaign = await openOrClosedPage(services, request, response, request.params.slug);
      if (!campaign) return;
      const now = services.now();
      const token = services.links.readFormToken(campaign.slug, request.body.token, now);
      const form = readForm(campaign, request.body);
      if (token !== 'valid' || 'errors' in form)
        return showMistakes(services, request, response, { campaign, token, form });
      const captured = await capture(requestOf(services, request, { campaign, value: form.value, now }));
      services.nudge();
      response.redirect(303, thanksAddress(services, captured, now));
    },
  );

  return router;
}

/** Everything that is kept of a form that was filled in rightly. */
export function requestOf(
  { links }: Services,
  request: Request,
  { campaign, value, now }: { campaign: Campaign; value: FormValue; now: Date },
): Capture {
  const { consentsGiven, ...given } = value;
  const { master, fileName } = publishedWhitepaper(campaign);
  return {
    ...given,
    campaign: campaign.slug,
    formVersion: campaign.form.version,
    whitepaper: { master, fileName },
    consents: consentEvidence(campaign.consents, consentsGiven, links.landing(addressOf(campaign)), now),
    ...(campaign.confirmFirst && { confirmFirst: true as const }),
    suspicions: isFilled(request.body?.[HONEYPOT]) ? ['honeypot'] : [],
    client: clientOf(request),
    at: now,
  };
}

/** A link may say where the reader comes from; it may not answer for them. */
function attributionIn({ query }: Request): Typed {
  const named = Object.keys(ATTRIBUTION).flatMap((key) => {
    const value = Array.isArray(query[key]) ? query[key][0] : query[key];
    return typeof value === 'string' ? [[key, value]] : [];
  });
  return Object.fromEntries(named);
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isFilled) : typeof value === 'string' && value !== '';
}

function clientOf(request: Request): LeadRequest['client'] {
  return { ip: request.ip ?? '', userAgent: (request.get('user-agent') ?? '').slice(0, 300) };
}

export function thanksAddress({ links }: Services, { campaign, ref }: LeadRequest, now: Date): string {
  return onSite(links.thanks(campaign, links.readerToken(ref, 'page', now)));
}

/** The campaign when it is open; else it answers: unknown and draft 404, paused and closed 410 with other papers. */
async function openOrClosedPage(
  { now }: Services,
  request: Request,
  response: Response,
  slug: string,
): Promise<Campaign | undefined> {
  const campaign = await recentCampaign(slug);
  const state = campaign ? availability(campaign, now()) : 'hidden';
  if (!campaign || state === 'hidden') throw unknownCampaign(slug);
  // A form that was open while the paper moved is read where it arrives.
  if (request.method === 'GET' && slug !== addressOf(campaign)) {
    response.redirect(301, movedTo(request, `/w/${addressOf(campaign)}`));
    return undefined;
  }
  if (state === 'open') return campaign;
  const papers = await paperCards(related(campaign, await openCampaigns(now())));
  await renderPage(
    request,
    response,
    'landing/closed',
    { title: campaign.title, campaign, state, papers },
    { status: 410 },
  );
  return undefined;
}

const TOKEN_WORDS: Record<Exclude<FormTokenState, 'valid'>, string> = {
  young: 'That was very quick. Please look through your answers and send the form again',
  old: 'This page was open for more than a day. Your answers are still here: please send the form again',
  forged: 'The form did not arrive whole. Your answers are still here: please send it again',
};

/** The same page again: everything typed, a fresh token, a message at each field. */
async function showMistakes(
  services: Services,
  request: Request,
  response: Response,
  { campaign, token, form }: { campaign: Campaign; token: FormTokenState; form: ReturnType<typeof readForm> },
): Promise<void> {
  const { locale } = await publisher();
  const errors = 'errors' in form ? form.errors : [];
  const view = formView(campaign, locale, typedOf(campaign, request.body), errors);
  if (token !== 'valid') view.errors.unshift({ id: 'form', message: TOKEN_WORDS[token] });
  await showPaper(services, request, response, { campaign, form: view });
}

/** The landing page; as a preview it says so, and what is sent from it is a test. */
export async function showPaper(
  { links, now }: Services,
  request: Request,
  response: Response,
  { campaign, form, preview }: { campaign: Campaign; form: FormView; preview?: { mayTest: boolean } },
): Promise<void> {
  const sponsors = await Promise.all(campaign.sponsors.map(findSponsor));
  const mistaken = form.errors.length > 0;
  const paper = await paperCard(campaign, { draft: preview !== undefined });
  const head = headOf(campaign);
  const locals = {
    ...head,
    paper,
    social: preview ? undefined : socialOf(links, paper, { ...head, url: links.landing(addressOf(campaign)) }),
    text: campaign.body && markdownHtml(campaign.body),
    audience: campaign.audience ?? [],
    sponsors: sponsors.filter((sponsor) => sponsor !== null),
    form,
    token: links.formToken(campaign.slug, now()),
    honeypot: HONEYPOT,
    preview,
  };
  if (mistaken) locals.title = `Error: ${locals.title}`;
  await renderPage(request, response, 'landing/show', locals, { status: mistaken ? 422 : 200 });
}

/** What the page's head tells search engines. */
function headOf({ title, introduction, search }: Campaign) {
  return {
    title: search?.title ?? title,
    description: search?.description ?? introduction,
    noindex: search?.noindex ?? false,
  };
}
