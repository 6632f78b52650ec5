import { type Request, type RequestHandler, type Response, Router } from 'express';
import { listCampaigns } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { contractsOfSponsor } from '../sponsors/sponsors';
import { readForm } from '../web/csrf';
import { accountOf, requireRoles, sponsorOf } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import {
  API_VERBS,
  type ApiKey,
  type ApiVerb,
  audit,
  listApiKeys,
  makeApiKey,
  revokeApiKey,
  rotateApiKey,
  SPONSOR_VERBS,
} from './accounts';

/** Whose keys the pages below `base` are about: the publisher's, made by administrators, or a sponsor's own. */
const PLACES: Place[] = [
  { base: '/staff/api-keys', guard: requireRoles('admin'), holder: () => null },
  { base: '/portal/api-keys', guard: requireRoles('sponsor-admin'), holder: sponsorOf },
];

interface Place {
  base: string;
  guard: RequestHandler;
  /** Whose keys they are; null is the publisher. */
  holder(response: Response): string | null;
}

/** Keys for programs: made, shown once, rotated, revoked, by whoever answers for the holder. */
export function apiKeyRoutes(services: Services): Router {
  const router = Router();
  for (const place of PLACES) router.use(place.base, keyPages(place, services));
  return router;
}

function keyPages(place: Place, { now }: Services): Router {
  const router = Router();
  const { base, holder } = place;
  router.use(place.guard);
  router.get('/', (request, response) => show(place, request, response, {}));

  router.post('/', readForm, async (request, response) => {
    const typed = typedKey(request);
    try {
      const wanted = await keyOf(typed, holder(response), accountOf(response).email);
      const { key, text } = await makeApiKey(wanted, now());
      await audit({ actor: accountOf(response).email, action: 'made API key', subject: key.name });
      await show(place, request, response, { made: { name: key.name, text } });
    } catch (error) {
      if (!(error instanceof GatefoldError)) throw error;
      await show(place, request, response, { typed, mistake: error });
    }
  });

  router.post('/:id/rotate', readForm, async (request: Request<{ id: string }>, response) => {
    const { key, text } = await rotateApiKey(request.params.id, holder(response), now());
    await audit({ actor: accountOf(response).email, action: 'rotated API key', subject: key.name });
    await show(place, request, response, { made: { name: key.name, text, rotated: true } });
  });

  router.post('/:id/revoke', readForm, async (request: Request<{ id: string }>, response) => {
    const key = await revokeApiKey(request.params.id, holder(response), now());
    await audit({ actor: accountOf(response).email, action: 'revoked API key', subject: key.name });
    response.redirect(303, base);
  });
  return router;
}

interface TypedKey {
  name: string;
  verbs: string[];
  campaigns: string[];
  expires: string;
}

function typedKey({ body }: Request): TypedKey {
  const all = (key: string): string[] => [body[key] ?? []].flat().filter((one) => typeof one === 'string');
  const [name = ''] = all('name');
  const [expires = ''] = all('expires');
  return { name: name.trim(), verbs: all('verb'), campaigns: all('campaign'), expires };
}

/** @throws GatefoldError `key-campaigns`, `key-expiry` */
async function keyOf({ name, verbs, campaigns, expires }: TypedKey, sponsor: string | null, createdBy: string) {
  const known = new Set((await campaignsFor(sponsor)).map(({ slug }) => slug));
  if (campaigns.some((slug) => !known.has(slug))) {
    throw new GatefoldError('invalid', 'key-campaigns', 'Choose campaigns from the list.');
  }
  const expiresAt = expires === '' ? undefined : new Date(`${expires}T00:00:00Z`);
  if (expiresAt && Number.isNaN(expiresAt.getTime())) {
    throw new GatefoldError('invalid', 'key-expiry', 'Type the day as 2030-01-31, or leave it empty.');
  }
  return {
    name,
    verbs: verbs as ApiVerb[],
    createdBy,
    ...(sponsor !== null && { sponsor }),
    ...(campaigns.length > 0 && { campaigns }),
    ...(expiresAt && { expiresAt }),
  };
}

/** What a key of this holder can be narrowed to. */
async function campaignsFor(sponsor: string | null): Promise<{ slug: string; title: string }[]> {
  const all = await listCampaigns();
  if (sponsor === null) return all;
  const theirs = new Set((await contractsOfSponsor(sponsor)).map(({ campaign }) => campaign));
  return all.filter(({ slug }) => theirs.has(slug));
}

interface KeysView {
  typed?: TypedKey;
  mistake?: GatefoldError;
  made?: { name: string; text: string; rotated?: boolean };
}

const FIELD: Record<string, string> = { 'key-verbs': 'verbs', 'key-campaigns': 'campaigns', 'key-expiry': 'expires' };

async function show({ base, holder }: Place, request: Request, response: Response, view: KeysView): Promise<void> {
  const { typed, mistake, made } = view;
  const sponsor = holder(response);
  const [keys, campaigns] = await Promise.all([listApiKeys(sponsor), campaignsFor(sponsor)]);
  const allowed = sponsor === null ? (Object.keys(API_VERBS) as ApiVerb[]) : SPONSOR_VERBS;
  const verbs = allowed.map((verb) => ({ verb, words: API_VERBS[verb] }));
  const live = (key: ApiKey) => !key.revokedAt && !(key.expiresAt && key.expiresAt <= new Date());
  const field = mistake && (FIELD[mistake.code] ?? 'name');
  const locals = { base, keys, live, campaigns, verbs, typed, mistake, field, made };
  const title = mistake ? 'Error: API keys' : 'API keys';
  await renderPage(request, response, 'accounts/api-keys', { title, ...locals }, { status: mistake ? 422 : 200 });
}
