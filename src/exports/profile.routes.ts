import { type Request, type Response, Router } from 'express';
import { audit } from '../accounts/accounts';
import { GatefoldError } from '../errors';
import { readForm } from '../web/csrf';
import { accountOf } from '../web/guards';
import { renderPage } from '../web/page';
import {
  availableColumns,
  findProfile,
  listProfiles,
  PRESETS,
  publisherConsents,
  putProfile,
  removeProfile,
} from './exports';
import { proofOf } from './presets';
import {
  BETWEEN,
  DATE_STYLES,
  DELIMITERS,
  type Mistakes,
  readProfile,
  type TypedProfile,
  typedOf,
  typedProfile,
} from './profile.form';
import { FORMATS, type Look, type Profile, standard } from './profile.types';
import type { Side } from './side';

/** Export profiles of one side of the house: a sponsor's on the portal, the publisher's on the staff site. */
export function profileRoutes({ base, owner, mayChange }: Side): Router {
  const router = Router();
  const path = `${base}/profiles`;

  router.get(path, async (request, response) => {
    const presets = PRESETS.filter(({ byConsent }) => !byConsent || owner(response) === undefined);
    const locals = { profiles: await listProfiles(owner(response)), presets, base, may: mayChange(response) };
    await renderPage(request, response, 'exports/profiles', { title: 'Export profiles', ...locals });
  });

  router.get(`${path}/:id`, async (request, response) => {
    const available = await availableColumns(owner(response));
    const typed = typedOf(await lookOf(request, response), available);
    await showForm(request, response, { typed });
  });

  router.post(`${path}/:id`, refuseOnlookers, readForm, async (request, response) => {
    const typed = typedProfile(request.body, await availableColumns(owner(response)));
    const read = readProfile(typed, [...(await consentsFor(response)).keys()]);
    if ('mistakes' in read) return showForm(request, response, { typed, mistakes: read.mistakes });
    const id = String(request.params['id']);
    const sponsor = owner(response);
    const by = accountOf(response).email;
    try {
      const known = { ...(id !== 'new' && { id }), ...(sponsor !== undefined && { sponsor }) };
      const profile = await putProfile({ ...read.value, ...known, by });
      await audit({ actor: by, action: 'changed the export profile', subject: profile.name });
      response.redirect(303, path);
    } catch (error) {
      if (!(error instanceof GatefoldError) || error.kind !== 'conflict') throw error;
      await showForm(request, response, { typed, mistakes: new Map([['name', error.reader]]) });
    }
  });

  router.post(`${path}/:id/remove`, refuseOnlookers, readForm, async (request, response) => {
    const { name } = await removeProfile(String(request.params['id']), owner(response));
    await audit({ actor: accountOf(response).email, action: 'removed the export profile', subject: name });
    response.redirect(303, path);
  });

  function refuseOnlookers(_request: Request, response: Response, next: (error?: unknown) => void): void {
    next(mayChange(response) ? undefined : notYours());
  }

  /** A sponsor has no say in whom the publisher may write to. */
  const consentsFor = async (response: Response): Promise<Map<string, string>> =>
    owner(response) === undefined ? publisherConsents() : new Map();

  /** A profile, or one to begin with. */
  async function lookOf(request: Request, response: Response): Promise<Look & Pick<Profile, 'name' | 'consent'>> {
    const id = String(request.params['id']);
    if (id !== 'new') return findProfile(id, owner(response));
    const preset = PRESETS.find(({ key }) => key === request.query['preset']);
    if (!preset) return { ...standard('csv'), name: '' };
    const { look, name, byConsent } = preset;
    const [consent] = byConsent ? [...(await consentsFor(response)).keys()] : [];
    if (consent === undefined) return { ...look, name };
    return { ...look, name, consent, columns: [...look.columns, ...proofOf(consent)] };
  }

  async function showForm(
    request: Request,
    response: Response,
    { typed, mistakes = new Map() }: { typed: TypedProfile; mistakes?: Mistakes },
  ): Promise<void> {
    const id = String(request.params['id']);
    const name = id === 'new' ? 'New export profile' : typed.name || 'Export profile';
    const lists = { formats: FORMATS, styles: DATE_STYLES, delimiters: DELIMITERS, between: BETWEEN };
    const consents = await consentsFor(response);
    const locals = { id, base, typed, mistakes, consents, ...lists, may: mayChange(response), heading: name };
    const title = mistakes.size > 0 ? `Error: ${name}` : name;
    await renderPage(
      request,
      response,
      'exports/profile',
      { title, ...locals },
      { status: mistakes.size > 0 ? 422 : 200 },
    );
  }

  return router;
}

const notYours = () =>
  new GatefoldError('forbidden', 'not-for-you', {
    log: 'an account that may only look',
    reader: 'Your account can use export profiles and not change them.',
    wayOut: 'Ask an administrator if you need it.',
  });
