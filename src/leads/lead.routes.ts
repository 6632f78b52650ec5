import { type Request, type Response, Router } from 'express';
import { audit } from '../accounts/accounts';
import { countries, findCampaign, site } from '../campaigns/campaigns';
import { eventsOfLead, fetchesOf, listDeliveries } from '../deliveries/deliveries';
import { GatefoldError } from '../errors';
import { disclosuresOf } from '../exports/exports';
import { settlementsOf } from '../ledger/ledger';
import { longDateTime } from '../locale';
import { eraseLead } from '../privacy/privacy';
import { listSponsors } from '../sponsors/sponsors';
import { confirmed } from '../web/confirm';
import { readForm } from '../web/csrf';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { addNote, findLead, type Lead, NOTE_MAX, notesOf, requestsOf } from './leads';
import { timelineOf } from './timeline';

type ById = Request<{ id: string }>;

/** One lead with all that is known of it; noted on, and erased. Mounted behind `/staff/leads`. */
export function leadPageRoutes(services: Services): Router {
  const router = Router();
  const decide = [requireStaff('admin', 'marketer'), readForm];

  router.get('/staff/leads/:id', (request: ById, response) => showLead(request, response));

  router.post('/staff/leads/:id/notes', ...decide, async (request: ById, response: Response) => {
    const { id } = await mustFind(request.params.id);
    const { email } = accountOf(response);
    const text = String(request.body['text'] ?? '');
    try {
      await addNote(id, { by: email, text, at: services.now() });
    } catch (error) {
      if (!(error instanceof GatefoldError)) throw error;
      return showLead(request, response, { text, message: error.reader });
    }
    await audit({ actor: email, action: 'wrote a note on lead', subject: id });
    response.redirect(303, `/staff/leads/${id}?done=noted#notes`);
  });

  router.post('/staff/leads/:id/erase', ...decide, confirmed(services), async (request: ById, response: Response) => {
    const { id } = await mustFind(request.params.id);
    await audit({ actor: accountOf(response).email, action: 'erased lead', subject: id });
    await eraseLead(id, { dataDir: services.config.dataDir, now: services.now() });
    services.nudge();
    response.redirect(303, '/staff/leads?done=erased');
  });

  return router;
}

/** A note that can't be kept as it was typed. */
interface Mistake {
  text: string;
  message: string;
}

async function showLead(request: ById, response: Response, mistake?: Mistake): Promise<void> {
  const lead = await mustFind(request.params.id);
  await audit({ actor: accountOf(response).email, kind: 'read', action: 'opened lead', subject: lead.id });
  const [known, words, { locale, timezone }] = await Promise.all([all(lead), wordsFor(lead), site()]);
  const fetches = new Map(
    await Promise.all(known.requests.map(async ({ ref }) => [ref, await fetchesOf(ref)] as const)),
  );
  const sponsors = new Map((await listSponsors()).map(({ slug, name }) => [slug, name]));
  const timeline = timelineOf({ ...known, lead, sponsors });
  const locals = { lead, ...known, ...words, fetches, sponsors, timeline, mistake, noteMax: NOTE_MAX };
  await renderPage(
    request,
    response,
    'leads/lead',
    {
      ...locals,
      title: `${mistake ? 'Error: ' : ''}Lead ${lead.id}`,
      done: request.query['done'],
      when: (at: Date) => longDateTime(at, locale, timezone),
    },
    { status: mistake ? 422 : 200 },
  );
}

async function mustFind(id: string): Promise<Lead> {
  const lead = await findLead(id);
  if (lead) return lead;
  throw new GatefoldError('not-found', 'unknown-lead', {
    log: `no lead ${id}`,
    reader: 'There is no such lead.',
    wayOut: 'Look for it in the list of leads.',
  });
}

/** What each room knows of a lead. */
async function all({ id }: Lead) {
  const [requests, notes, deliveries, settlements, disclosures, events] = await Promise.all([
    requestsOf(id),
    notesOf(id),
    listDeliveries(id),
    settlementsOf(id),
    disclosuresOf(id),
    eventsOfLead(id),
  ]);
  return { requests, notes, deliveries, settlements, disclosures, events };
}

/** What the answers are called on the form. */
async function wordsFor({ campaign: slug }: Lead) {
  const [campaign, { locale }] = await Promise.all([findCampaign(slug), site()]);
  const labels = new Map(campaign?.form.fields.map(({ key, label }) => [key, label]));
  const country = new Map(countries(locale).map(({ code, label }) => [code, label]));
  const words = new Map(
    campaign?.form.fields.flatMap(({ key, options = [] }) =>
      options.map(({ code, label }) => [`${key}=${code}`, label] as const),
    ),
  );
  return { campaign, labels, country, words };
}
