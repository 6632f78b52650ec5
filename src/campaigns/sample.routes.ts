import { pipeline } from 'node:stream/promises';
import { type Request, type Response, Router } from 'express';
import { GatefoldError } from '../errors';
import { shortDate } from '../locale';
import { type Picture, personalise, type Reader } from '../stamping/stamping';
import { requireStaff } from '../web/guards';
import type { Services } from '../web/services';
import { readStamp } from './campaign.check';
import { type Campaign, findCampaign, site as publisher, unknownCampaign } from './campaigns';
import { compileWhitepaper, masterOf } from './masters';
import { samplePage, trialPage } from './sample-copy';
import { readSample, type Sample } from './sample-view';

/** Of this shape, and nobody's: readers' references are random. */
const REF = '0000-0000-0000';

/**
 * What a reader of any name would get, by the code that serves readers, as a PDF and page by page as pictures; of a draft
 * as well, and of a stamp that is only being typed, so that staff see it before anybody else does.
 */
export function sampleRoutes(services: Services): Router {
  const { dataDir } = services.config;
  const router = Router();
  router.get('/staff/campaigns/:slug/sample.pdf', requireStaff(), async (request: Request, response: Response) => {
    const { master } = await compileWhitepaper(await mustFind(request));
    const copy = personalise(await masterOf(master, dataDir), await readerOf(services, typedIn(request)));
    response.set({
      'Content-Type': 'application/pdf',
      'Content-Disposition': 'inline; filename="sample.pdf"',
      'Content-Length': String(copy.length),
    });
    await pipeline(copy.read(0, copy.length - 1), response);
  });

  router.get('/staff/campaigns/:slug/sample.webp', requireStaff(), async (request: Request, response: Response) => {
    const sample = typedIn(request);
    const campaign = await mustFind(request);
    sendPicture(response, await samplePage(campaign, dataDir, await readerOf(services, sample), sample.page));
  });

  // The file is one of the store's, by its hash: who can name it has handed it in or may see the campaign.
  router.get('/staff/sample.webp', requireStaff('admin', 'marketer'), async (request: Request, response: Response) => {
    const sample = typedIn(request);
    const trial = trialOf(request.query);
    const picture = await trialPage(trial, await readerOf(services, sample), sample.page, () => !response.closed);
    if (picture) sendPicture(response, picture);
  });
  return router;
}

async function mustFind({ params }: Request): Promise<Campaign> {
  const slug = String(params['slug']);
  const campaign = await findCampaign(slug);
  if (!campaign) throw unknownCampaign(slug);
  return campaign;
}

const typedIn = ({ query }: Request): Sample => readSample((name) => query[name]);

async function readerOf({ now }: Services, { page: _, ...who }: Sample): Promise<Reader> {
  const { locale, timezone } = await publisher();
  return { ...who, date: shortDate(now(), locale, timezone), ref: REF, seed: 'sample' };
}

const OPTIONS = ['preset', 'template', 'margin', 'size', 'colour'];

/** @throws GatefoldError `bad-trial` */
function trialOf(query: Request['query']): Parameters<typeof trialPage>[0] {
  const text = (name: string) => (typeof query[name] === 'string' ? query[name] : '');
  const read = readStamp(Object.fromEntries(OPTIONS.filter(text).map((name) => [name, text(name)])));
  const file = text('upload');
  if ('problems' in read || !/^[0-9a-f]{64}$/.test(file)) {
    throw new GatefoldError('unprocessable', 'bad-trial', {
      log: 'a sample of no PDF or with a stamp that is none',
      reader: 'This stamp can’t be tried on this PDF.',
      wayOut: 'Mend what the editor marks.',
    });
  }
  const { stamp } = read;
  return { file, stamp: stamp.preset === 'cover' ? { ...stamp, title: text('title') } : stamp };
}

function sendPicture(response: Response, { type, bytes }: Picture): void {
  response.type(type).send(Buffer.from(bytes));
}
