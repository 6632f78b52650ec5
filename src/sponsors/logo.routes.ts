import { type NextFunction, type Request, type Response, Router } from 'express';
import sharp from 'sharp';
import { audit } from '../accounts/accounts';
import { GatefoldError } from '../errors';
import { keepFile, readFile } from '../store/files';
import { refuseForeignForm } from '../web/csrf';
import { accountOf, requireRoles, requireSponsor, requireStaff, sponsorOf } from '../web/guards';
import { renderPage } from '../web/page';
import { readUpload } from '../web/upload';
import { findSponsor, type Logo, putLogo, type Sponsor } from './sponsors';

const BYTES_MAX = 1024 * 1024;

/** No SVG: it can hold programs, and this one comes from outside. */
const TYPES: Record<string, string> = { png: 'image/png', jpeg: 'image/jpeg', webp: 'image/webp' };

/** One side of the house on which a sponsor's logo is chosen. */
interface Side {
  path: string;
  base: (slug: string) => string;
  sponsor: (request: Request, response: Response) => string;
  /** Where one came from. */
  back: { href: string; name: string };
}

/** A sponsor on the staff site: its logo for its portal. */
export function staffLogoRoutes(): Router {
  const router = Router();
  const base = (slug: string) => `/staff/sponsors/${slug}`;
  const back = { href: '/staff/sponsors', name: 'Sponsors' };
  router.use('/staff/sponsors/:slug', requireStaff('admin', 'marketer'));
  const sponsor = (request: Request) => String(request.params['slug']);
  router.get(`${base(':slug')}/picture`, async (request, response, next) => picture(sponsor(request), response, next));
  router.use(pages({ path: base(':slug'), base, back, sponsor }));
  return router;
}

/** The logo on every page of the portal, and where the sponsor's admin chooses it. */
export function portalLogoRoutes(): Router {
  const router = Router();
  const path = '/portal/logo';
  router.use('/portal', requireSponsor, showLogo);
  router.get(`${path}/picture`, async (_request, response, next) => picture(sponsorOf(response), response, next));
  router.use(path, requireRoles('sponsor-admin'));
  const back = { href: '/portal', name: 'Campaigns' };
  router.use(pages({ path, base: () => path, back, sponsor: (_request, response) => sponsorOf(response) }));
  return router;
}

async function showLogo(_request: Request, response: Response, next: NextFunction): Promise<void> {
  const { logo, name } = (await findSponsor(sponsorOf(response))) ?? {};
  if (logo) response.locals['sponsorLogo'] = { url: `/portal/logo/picture?v=${logo.file.slice(0, 12)}`, name };
  next();
}

function pages(side: Side): Router {
  const router = Router();
  const { path, sponsor } = side;
  router.get(path, async (request, response) => {
    await show(side, await mustFind(sponsor(request, response)), request, response);
  });
  router.post(path, readUpload('logo'), refuseForeignForm, async (request: Request, response: Response) => {
    const known = await mustFind(sponsor(request, response));
    const off = request.body['remove'] === 'yes';
    const read = off ? {} : await readLogo(request.file?.buffer);
    if ('mistake' in read) return show(side, known, request, response, read.mistake);
    const { logo } = read;
    await putLogo(known.slug, logo);
    const action = logo ? 'changed the logo of sponsor' : 'took off the logo of sponsor';
    await audit({ actor: accountOf(response).email, action, subject: known.slug });
    response.redirect(303, side.base(known.slug));
  });
  return router;
}

async function readLogo(bytes: Buffer | undefined): Promise<{ logo?: Logo } | { mistake: string }> {
  if (!bytes || bytes.length === 0) return { mistake: 'Choose a picture.' };
  if (bytes.length > BYTES_MAX) return { mistake: 'Choose a picture of at most 1 MB.' };
  const { format = '' } = await sharp(bytes)
    .metadata()
    .catch((): { format?: string } => ({}));
  const type = TYPES[format];
  return type ? { logo: { file: await keepFile(bytes), type } } : { mistake: 'Choose a PNG, JPEG or WebP picture.' };
}

async function picture(slug: string, response: Response, next: NextFunction): Promise<void> {
  const { logo } = (await findSponsor(slug)) ?? {};
  if (!logo) return next();
  // Behind the sign-in, so for this browser only; the address changes with the picture.
  response.set({ 'Cache-Control': 'private, max-age=86400', 'Content-Security-Policy': "default-src 'none'; sandbox" });
  response.type(logo.type).send(await readFile(logo.file));
}

async function mustFind(slug: string): Promise<Sponsor> {
  const sponsor = await findSponsor(slug);
  if (!sponsor) throw new GatefoldError('not-found', 'unknown-sponsor', 'There is no such sponsor.');
  return sponsor;
}

async function show(side: Side, sponsor: Sponsor, request: Request, response: Response, mistake?: string) {
  const base = side.base(sponsor.slug);
  const url = sponsor.logo && `${base}/picture?v=${sponsor.logo.file.slice(0, 12)}`;
  const locals = { sponsor, base, url, mistake, back: side.back };
  const title = `${mistake ? 'Error: ' : ''}Logo of ${sponsor.name}`;
  await renderPage(request, response, 'sponsors/logo', { title, ...locals }, { status: mistake ? 422 : 200 });
}
