import { type Request, type RequestHandler, type Response, Router } from 'express';
import { audit } from '../accounts/accounts';
import { listCampaigns, readMoment, site } from '../campaigns/campaigns';
import { longDateTime } from '../locale';
import { readForm } from '../web/csrf';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { leadPageRoutes } from './lead.routes';
import type { Lead, LeadStatus } from './lead.types';
import { accept, countFound, type LeadFilter, listLeads, reject } from './leads';
import { readCursor, writeCursor } from './page-cursor';

const STATUSES: LeadStatus[] = ['active', 'quarantined', 'undeliverable', 'rejected', 'superseded'];
const PAGE = 50;
/** Beyond this the list says *more than*, and takes no longer among a million leads. */
const COUNTED = 1000;
const DAY_MS = 86_400_000;

/** Leads, one lead with all that is known of it, and the quarantine. Analysts look; admins and marketers decide. */
export function staffLeadRoutes(services: Services): Router {
  const router = Router();
  router.use('/staff/leads', requireStaff());
  router.use('/staff/quarantine', requireStaff());
  router.get('/staff/leads', (request, response) => showLeads(request, response));
  router.use(leadPageRoutes(services));
  router.get('/staff/quarantine', showQuarantine);
  const decide = [requireStaff('admin', 'marketer'), readForm];
  const acts = { accept: () => accept, reject: () => reject };
  for (const [verb, act] of Object.entries(acts)) {
    router.post(`/staff/quarantine/:id/${verb}`, ...decide, decision(services, `${verb}ed from quarantine`, act()));
  }
  return router;
}

type Decide = (id: string, at: Date) => Promise<Lead>;

/** Decides on one, and goes on with the next. */
function decision(services: Services, action: string, decide: Decide): RequestHandler {
  return async (request, response) => {
    const lead = await decide(String(request.params['id']), services.now());
    services.nudge();
    await audit({ actor: accountOf(response).email, action, subject: lead.id });
    response.redirect(303, '/staff/quarantine?next=1');
  };
}

async function showQuarantine(request: Request, response: Response): Promise<void> {
  const page = await pageOf({ status: 'quarantined' }, request, response);
  await renderPage(request, response, 'leads/quarantine', {
    title: 'Quarantine',
    ...page,
    // Whoever has just decided goes on by keyboard where they were.
    goesOn: request.query['next'] !== undefined,
    when: await dates(),
  });
}

async function showLeads(request: Request, response: Response): Promise<void> {
  const { timezone } = await site();
  const typed = typedFilter(request);
  const filter = filterOf(typed, timezone);
  const [page, total, campaigns] = await Promise.all([
    pageOf(filter, request, response),
    countFound(filter, COUNTED + 1),
    listCampaigns(),
  ]);
  const asked = Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== ''));
  await renderPage(request, response, 'leads/list', {
    title: 'Leads',
    ...page,
    next: page.next && new URLSearchParams({ ...asked, after: page.next }).toString(),
    total,
    counted: COUNTED,
    campaigns,
    statuses: STATUSES,
    typed,
    asked,
    mistakes: mistakes(typed, timezone),
    done: request.query['done'],
    when: await dates(),
  });
}

/** A page of leads, whose reading is in the log: who has seen this lead has an answer. */
async function pageOf(filter: LeadFilter, request: Request, response: Response) {
  const after = readCursor(request.query['after']);
  const found = await listLeads(filter, { limit: PAGE + 1, ...(after && { after }) });
  const leads = found.slice(0, PAGE);
  const last = found.length > PAGE ? leads.at(-1) : undefined;
  const subjects = leads.map(({ id }) => id);
  if (subjects.length > 0) {
    await audit({ actor: accountOf(response).email, kind: 'read', action: 'listed leads', subjects });
  }
  return { leads, next: last && writeCursor(last) };
}

/** The filter as it was typed. */
type Typed = Record<'q' | 'campaign' | 'status' | 'from' | 'to', string>;

function typedFilter({ query }: Request): Typed {
  const text = (key: keyof Typed): string => (typeof query[key] === 'string' ? query[key].trim().slice(0, 254) : '');
  return { q: text('q'), campaign: text('campaign'), status: text('status'), from: text('from'), to: text('to') };
}

/** Days are whole days of the publisher's time zone; one that can't be read narrows nothing down, and the page says so. */
function filterOf(typed: Typed, timezone: string): LeadFilter {
  const status = STATUSES.find((one) => one === typed.status);
  const from = readMoment(typed.from, timezone);
  const to = readMoment(typed.to, timezone);
  return {
    ...(typed.q !== '' && { search: typed.q }),
    ...(status && { status }),
    ...(typed.campaign !== '' && { campaign: typed.campaign }),
    ...(from && { from }),
    ...(to && { to: readMoment(nextDay(typed.to), timezone) ?? to }),
  };
}

const nextDay = (day: string): string => new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10);

/** The days that were typed and are none. */
function mistakes(typed: Typed, timezone: string): string[] {
  const unread = (['from', 'to'] as const).filter((key) => typed[key] && !readMoment(typed[key], timezone));
  return unread.map((key) => `“${typed[key]}” is not a day. Write it like 2026-11-25.`);
}

/** A date as the publisher's site writes it. */
async function dates(): Promise<(at: Date) => string> {
  const { locale, timezone } = await site();
  return (at) => longDateTime(at, locale, timezone);
}
