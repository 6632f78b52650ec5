import { type Request, type Response, Router } from 'express';
import type { Campaign, KeptPicture } from '../campaigns/campaign.types';
import { availability, campaignAt, findCampaign, picturesOf, unknownCampaign } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { readFile } from '../store/files';
import { requireStaff } from '../web/guards';
import type { Services } from '../web/services';

/** An address with the picture's own hash never means another; one without may. */
const LASTING = 'public, max-age=31536000, immutable';
const PASSING = 'public, max-age=300';

type Named = Record<'slug' | 'name', string>;

/** Pictures of what readers may see: the cover and the few pages that are open to everybody. */
export function pictureRoutes({ now }: Services): Router {
  const router = Router();
  const find = async (slug: string): Promise<Campaign> => {
    const campaign = await campaignAt(slug);
    if (!campaign || availability(campaign, now()) === 'hidden') throw unknownCampaign(slug);
    return campaign;
  };
  router.get('/w/:slug/cover', async (request: Request<{ slug: string }>, response: Response) => {
    await sendCover(request, response, await find(request.params.slug), 'published');
  });
  router.get('/w/:slug/pictures/:name', async (request: Request<Named>, response: Response) => {
    const campaign = await find(request.params.slug);
    // Other sites show the card beside a link to the paper.
    response.set('Cross-Origin-Resource-Policy', 'cross-origin');
    await sendPicture(request, response, await picturesOf(campaign), request.params.name);
  });
  return router;
}

/** The same for staff, of what was handed in last, whatever the campaign's status. */
export function staffPictureRoutes(): Router {
  const router = Router();
  const find = async (slug: string): Promise<Campaign> => {
    const campaign = await findCampaign(slug);
    if (!campaign) throw unknownCampaign(slug);
    return campaign;
  };
  const at = '/staff/campaigns/:slug';
  router.get(`${at}/cover`, requireStaff(), async (request: Request, response: Response) => {
    await sendCover(request, response, await find(String(request.params['slug'])), 'upload');
  });
  router.get(`${at}/pictures/:name`, requireStaff(), async (request: Request, response: Response) => {
    const { slug, name } = request.params as unknown as Named;
    await sendPicture(request, response, await picturesOf(await find(slug), 'upload'), name);
  });
  return router;
}

/** The cover as it was given, or the first page. */
async function sendCover(
  request: Request,
  response: Response,
  campaign: Campaign,
  of: 'published' | 'upload',
): Promise<void> {
  const { cover } = campaign;
  if (!cover) return sendPicture(request, response, await picturesOf(campaign, of), 'cover.png');
  // A picture that is text (SVG) gets no script of its own.
  response.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  await send(request, response, cover);
}

async function sendPicture(
  request: Request,
  response: Response,
  { pictures }: { pictures: KeptPicture[] },
  name: string,
): Promise<void> {
  const picture = pictures.find((one) => one.name === name);
  if (!picture) throw noPicture(name);
  await send(request, response, picture);
}

async function send(
  request: Request,
  response: Response,
  { file, type }: { file: string; type: string },
): Promise<void> {
  response.set({ ETag: `"${file}"` });
  // What staff see before anybody else is no cache's: the guard has said so.
  if (!response.get('Cache-Control')) {
    response.set('Cache-Control', request.query['v'] === file.slice(0, 12) ? LASTING : PASSING);
  }
  response.type(type).send(await readFile(file));
}

function noPicture(name: string): GatefoldError {
  return new GatefoldError('not-found', 'no-picture', {
    log: `the campaign shows no picture ${name}`,
    reader: 'There is no picture at this address.',
    wayOut: 'Have a look at the papers that are open now.',
  });
}
