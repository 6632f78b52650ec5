import { type Request, type Response, Router } from 'express';
import { audit } from '../accounts/accounts';
import { countries, findCampaign, listCampaigns, site } from '../campaigns/campaigns';
import { eventsOfLead, fetchesOf, listDeliveries } from '../deliveries/deliveries';
import { GatefoldError } from '../errors';
import { disclosuresOf } from '../exports/exports';
import { settlementsOf } from '../ledger/ledger';
import { longDateTime } from '../locale';
import { listSponsors } from '../sponsors/sponsors';
import { readForm } from '../web/csrf';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import type { LeadStatus } from './lead.types';
import { accept, countLeads, findLead, type LeadFilter, listLeads, reject, requestsOf } from './leads';
import { readCursor, writeCursor } from './page-cursor';

const STATUSES: LeadStatus[] = ['active', 'quarantined', 'undeliverable', 'rejected', 'superseded'];
const PAGE = 50;

/** Leads, one lead with all that is known of it, and the quarantine. Analysts look; admins and marketers decide. */
export function staffLeadRoutes(services: Services): Router {
  const router = Router();
  router.use('/staff/leads', requireStaff());
  router.use('/staff/quarantine', requireStaff());

  router.get('/staff/leads', (request, response) => showLeads(request, response));
  router.get('/staff/leads/:id', async (request, response) => showLead(request, response, request.params.id));
  router.get('/staff/quarantine', async (request, response) => {
    const waiting = await listLeads({ status: 'quarantined' }, { limit: PAGE });
    await renderPage(request, response, 'leads/quarantine', {
      title: 'Quarantine',
      leads: waiting,
      when: await dates(),
    });
  });

  router.post(
    '/staff/quarantine/:id/accept',
    requireStaff('admin', 'marketer'),
    readForm,
    async (request, response) => {
      const lead = await accept(String(request.params['id']), services.now());
      services.nudge();
      await audit({ actor: accountOf(response).email, action: 'accepted from quarantine', subject: lead.id });
      response.redirect(303, '/staff/quarantine');
    },
  );

  router.post(
    '/staff/quarantine/:id/reject',
    requireStaff('admin', 'marketer'),
    readForm,
    async (request, response) => {
      const lead = await reject(String(request.params['id']));
      await audit({ actor: accountOf(response).email, action: 'rejected from quarantine', subject: lead.id });
      response.redirect(303, '/staff/quarantine');
    },
  );

  return router;
}

async function showLeads(request: Request, response: Response): Promise<void> {
  const filter = filterOf(request);
  const after = readCursor(request.query['after']);
  const [found, total, campaigns] = await Promise.all([
    listLeads(filter, { limit: PAGE + 1, ...(after && { after }) }),
    countLeads(filter),
    listCampaigns(),
  ]);
  const leads = found.slice(0, PAGE);
  const last = found.length > PAGE ? leads.at(-1) : undefined;
  await renderPage(request, response, 'leads/list', {
    title: 'Leads',
    leads,
    total,
    campaigns,
    statuses: STATUSES,
    filter,
    next: last && writeCursor(last),
    when: await dates(),
  });
}

function filterOf({ query }: Request): LeadFilter {
  const status = STATUSES.find((one) => one === query['status']);
  const campaign = typeof query['campaign'] === 'string' && query['campaign'] !== '' ? query['campaign'] : undefined;
  return { ...(status && { status }), ...(campaign !== undefined && { campaign }) };
}

async function showLead(request: Request, response: Response, id: string): Promise<void> {
  const lead = await findLead(id);
  if (!lead) {
    throw new GatefoldError('not-found', 'unknown-lead', {
      log: `no lead ${id}`,
      reader: 'There is no such lead.',
      wayOut: 'Look for it in the list of leads.',
    });
  }
  const [campaign, requests, deliveries, settlements, disclosures, events, { locale }] = await Promise.all([
    findCampaign(lead.campaign),
    requestsOf(id),
    listDeliveries(id),
    settlementsOf(id),
    disclosuresOf(id),
    eventsOfLead(id),
    site(),
  ]);
  const fetches = new Map(await Promise.all(requests.map(async ({ ref }) => [ref, await fetchesOf(ref)] as const)));
  const labels = new Map(campaign?.form.fields.map(({ key, label }) => [key, label]));
  const country = new Map(countries(locale).map(({ code, label }) => [code, label]));
  const words = new Map(
    campaign?.form.fields.flatMap(({ key, options = [] }) =>
      options.map(({ code, label }) => [`${key}=${code}`, label] as const),
    ),
  );
  const sponsors = new Map((await listSponsors()).map(({ slug, name }) => [slug, name]));
  const locals = {
    lead,
    campaign,
    requests,
    deliveries,
    settlements,
    disclosures,
    events,
    fetches,
    labels,
    words,
    country,
  };
  const title = `Lead ${lead.id}`;
  await renderPage(request, response, 'leads/lead', { ...locals, sponsors, title, when: await dates() });
}

/** A date as the publisher's site writes it. */
async function dates(): Promise<(at: Date) => string> {
  const { locale, timezone } = await site();
  return (at) => longDateTime(at, locale, timezone);
}
