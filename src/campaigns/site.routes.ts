import { createHash } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import { keepFile } from '../store/files';
import { refuseForeignForm } from '../web/csrf';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import { readUpload } from '../web/upload';
import { PICTURE_TYPES } from './campaign.folder';
import type { Site } from './campaign.types';
import { saveSite, site } from './site';

const PATH = '/staff/site';
const PICTURE_NAMES = Object.keys(PICTURE_TYPES).join(', ');

type Typed = Record<string, string>;

/** What the page calls a field, in the order in which it stands there. */
const FIELDS: Record<string, string> = {
  name: 'Name',
  legalName: 'Legal name',
  address: 'Address',
  contactEmail: 'E-mail for questions',
  mailFrom: 'Sender of mail',
  privacyUrl: 'Your own privacy notice',
  locale: 'Language',
  timezone: 'Time zone',
  'theme.brand': 'Colour',
  'theme.brandDark': 'Colour on dark pages',
  'theme.accent': 'Second colour',
  'theme.accentDark': 'Second colour on dark pages',
  logo: 'Logo',
};

interface Mistake {
  field: string;
  message: string;
}

/** The publisher: what `site.yaml` says, as a page. */
export function sitePageRoutes(): Router {
  const router = Router();
  router.use(PATH, requireStaff('admin', 'marketer'));

  router.get(PATH, async (request, response) => {
    const now = await site();
    await show(request, response, { typed: typedOf(now), now, saved: request.query['done'] === 'saved' });
  });

  router.post(PATH, readUpload('logo'), refuseForeignForm, async (request, response) => {
    const typed = Object.fromEntries(Object.keys(FIELDS).map((key) => [key, String(request.body[key] ?? '').trim()]));
    const now = await site();
    const [logo, refused] = await logoOf(request, now);
    if (request.body['seen'] !== sealOf(now)) return show(request, response, { typed, now, overtaken: true });
    if (refused) return show(request, response, { typed, now, mistakes: [refused] });
    const outcome = await saveSite(definitionOf(typed), logo, accountOf(response).email);
    if ('site' in outcome) return response.redirect(303, `${PATH}?done=saved`);
    const mistakes = outcome.problems.map(({ path, message }) => ({ field: path.join('.'), message }));
    return show(request, response, { typed, now, mistakes });
  });

  return router;
}

/** What a page was made from: whoever saves an older one is shown what came in between. */
const sealOf = (value: Site): string => createHash('sha256').update(JSON.stringify(value)).digest('base64url');

/** The logo that is kept: the one sent, none when it is taken off, else the present one; or why it is refused. */
async function logoOf({ file, body }: Request, now: Site): Promise<[Site['logo']] | [undefined, Mistake]> {
  if (!file) return [body['removeLogo'] === 'yes' ? undefined : now.logo];
  const type = PICTURE_TYPES[file.originalname.split('.').at(-1)?.toLowerCase() ?? ''];
  if (!type) return [undefined, { field: 'logo', message: `takes a picture: ${PICTURE_NAMES}` }];
  return [{ file: await keepFile(file.buffer), type }];
}

/** In the shape of `site.yaml`; an empty field is one that is not there. */
function definitionOf(typed: Typed): Record<string, unknown> {
  const given = Object.entries(typed).filter(([key, value]) => value !== '' && key !== 'logo');
  const theme = given.filter(([key]) => key.startsWith('theme.')).map(([key, value]) => [key.slice(6), value]);
  return {
    ...Object.fromEntries(given.filter(([key]) => !key.startsWith('theme.'))),
    theme: Object.fromEntries(theme),
  };
}

function typedOf({ theme, logo: _, ...rest }: Site): Typed {
  const colours = Object.entries(theme).map(([key, value]) => [`theme.${key}`, value]);
  return { ...rest, ...Object.fromEntries(colours) };
}

interface Shown {
  typed: Typed;
  now: Site;
  mistakes?: Mistake[];
  /** Somebody else saved in between. */
  overtaken?: boolean;
  saved?: boolean;
}

async function show(request: Request, response: Response, shown: Shown): Promise<void> {
  const { typed, now, mistakes = [], overtaken = false, saved = false } = shown;
  const locals = {
    title: mistakes.length > 0 ? 'Error: Publisher' : 'Publisher',
    names: FIELDS,
    typed,
    mistakes,
    overtaken: overtaken && differences(typed, typedOf(now)),
    saved,
    logo: now.logo,
    seen: sealOf(now),
    pictures: PICTURE_NAMES,
    timezones: Intl.supportedValuesOf('timeZone'),
  };
  await renderPage(request, response, 'campaigns/site', locals, {
    status: overtaken ? 409 : mistakes.length ? 422 : 200,
  });
}

/** What is saved now and differs from what was typed, in the words of the page. */
function differences(typed: Typed, now: Typed): { name: string; value: string }[] {
  return Object.entries(FIELDS).flatMap(([key, name]) =>
    key !== 'logo' && (typed[key] ?? '') !== (now[key] ?? '') ? [{ name, value: now[key] || 'nothing' }] : [],
  );
}
