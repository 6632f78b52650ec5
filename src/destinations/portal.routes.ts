import { type Request, type Response, Router } from 'express';
import { audit } from '../accounts/accounts';
import { site } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { listProfiles } from '../exports/exports';
import { longDateTime } from '../locale';
import { readForm } from '../web/csrf';
import { accountOf, requireRoles, sponsorOf } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import {
  addDestination,
  findDestination,
  listDestinations,
  messagesOf,
  pause,
  removeDestination,
  replay,
  resume,
  rotateSecret,
} from './destinations';

const BASE = '/portal/destinations';
const PAGE = 50;
const DAY_MS = 86_400_000;

type Named = Request<{ id: string }>;
interface View {
  typed?: { name: string; url: string; profile: string };
  mistake?: string;
  field?: string;
  /** Shown this once. */
  secret?: string;
  done?: string;
}

/** Where a sponsor's leads are sent by themselves; for its administrators. */
export function portalDestinationRoutes(services: Services): Router {
  const router = Router();
  const ownerOf = (response: Response) => ({ sponsor: sponsorOf(response) });
  const noted = (response: Response, action: string, subject: string) =>
    audit({ actor: accountOf(response).email, action, subject });
  router.use(BASE, requireRoles('sponsor-admin'));

  router.get(BASE, (request, response) => showList(request, response, {}));

  router.post(BASE, readForm, async (request, response) => {
    const typed = typedIn(request);
    const mistake = mistakeIn(typed);
    if (mistake) return showList(request, response, { typed, ...mistake });
    try {
      const { name, url, profile } = typed;
      const wanted = { name, url, by: accountOf(response).email, ...(profile && { profile }) };
      const { id, secret } = await addDestination(ownerOf(response), wanted, services);
      await noted(response, 'added a destination', id);
      await showOne(request, response, id, { secret });
    } catch (error) {
      if (!(error instanceof GatefoldError)) throw error;
      const words = `${error.reader} ${error.wayOut ?? ''}`.trim();
      await showList(request, response, { typed, mistake: words, field: 'url' });
    }
  });

  router.get(`${BASE}/:id`, (request: Named, response) => showOne(request, response, request.params.id, {}));

  router.post(`${BASE}/:id/pause`, readForm, async (request: Named, response) => {
    const { id } = request.params;
    await pause(id, ownerOf(response), accountOf(response).email);
    await noted(response, 'paused a destination', id);
    response.redirect(303, `${BASE}/${id}`);
  });

  router.post(`${BASE}/:id/resume`, readForm, async (request: Named, response) => {
    const { id } = request.params;
    await resume(id, ownerOf(response));
    services.nudge();
    await noted(response, 'resumed a destination', id);
    response.redirect(303, `${BASE}/${id}`);
  });

  router.post(`${BASE}/:id/rotate`, readForm, async (request: Named, response) => {
    const { id } = request.params;
    const { secret } = await rotateSecret(id, ownerOf(response), services);
    await noted(response, 'rotated the secret of a destination', id);
    await showOne(request, response, id, { secret });
  });

  router.post(`${BASE}/:id/remove`, readForm, async (request: Named, response) => {
    const { id } = request.params;
    await removeDestination(id, ownerOf(response));
    await noted(response, 'removed a destination', id);
    response.redirect(303, BASE);
  });

  router.post(`${BASE}/:id/replay`, readForm, async (request: Named, response) => {
    const { id } = request.params;
    const which = whichIn(request);
    if (!which) return showOne(request, response, id, { mistake: 'Enter two days, the first before the last.' });
    const count = await replay(id, ownerOf(response), which);
    services.nudge();
    await noted(response, 'replayed messages', id);
    await showOne(request, response, id, { done: `${count} will be sent again.` });
  });
  return router;
}

function typedIn({ body }: Request) {
  const text = (key: string) => (typeof body[key] === 'string' ? body[key].trim() : '');
  return { name: text('name'), url: text('url'), profile: text('profile') };
}

function mistakeIn({ name, url }: { name: string; url: string }): { mistake: string; field: string } | null {
  if (name === '' || name.length > 100) return { mistake: 'Give it a name of up to 100 characters.', field: 'name' };
  if (url === '' || url.length > 2000) return { mistake: 'Enter the address, beginning with https://.', field: 'url' };
  return null;
}

/** One message, or all of some days (UTC), the last one included. */
function whichIn({ body }: Request): { message: string } | { from: Date; to: Date } | null {
  if (typeof body['message'] === 'string') return { message: body['message'] };
  const [from, last] = ['from', 'to'].map((key) => new Date(`${body[key]}T00:00:00Z`));
  if (!from || !last || !(from.getTime() <= last.getTime())) return null;
  return { from, to: new Date(last.getTime() + DAY_MS - 1) };
}

async function showList(request: Request, response: Response, view: View): Promise<void> {
  const sponsor = sponsorOf(response);
  const [destinations, profiles] = await Promise.all([listDestinations({ sponsor }), listProfiles(sponsor)]);
  const title = view.mistake ? 'Error: destinations' : 'Destinations';
  const locals = {
    title,
    base: BASE,
    destinations,
    profiles,
    typed: undefined,
    mistake: undefined,
    field: '',
    ...view,
  };
  await renderPage(request, response, 'destinations/list', locals, { status: view.mistake ? 422 : 200 });
}

async function showOne(request: Request, response: Response, id: string, view: View): Promise<void> {
  const owner = { sponsor: sponsorOf(response) };
  const asked = Number(request.query['page']);
  const page = Number.isSafeInteger(asked) && asked > 0 && asked < 100_000 ? asked : 1;
  const [destination, messages, { locale, timezone }] = await Promise.all([
    findDestination(id, owner),
    messagesOf(id, owner, { page, size: PAGE }),
    site(),
  ]);
  const when = (at: Date) => longDateTime(at, locale, timezone);
  const more = messages.length === PAGE;
  const shown = { title: destination.name, base: BASE, destination, messages, when, page, more };
  const locals = { ...shown, mistake: undefined, secret: undefined, done: undefined, ...view };
  await renderPage(request, response, 'destinations/one', locals, { status: view.mistake ? 422 : 200 });
}
