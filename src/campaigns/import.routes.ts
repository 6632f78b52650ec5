import { type Request, type Response, Router } from 'express';
import { GatefoldError } from '../errors';
import { dropHeld, holdFile, readHeld } from '../store/files';
import { refuseForeignForm } from '../web/csrf';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { readUpload } from '../web/upload';
import { type Arrival, arrivalOf, takeIn } from './arrival';
import { type CampaignFiles, isCampaignFile } from './campaign.folder';
import { filesInZip, zipOf } from './campaign.zip';
import { campaignFiles, findCampaign, type Problem, unknownCampaign } from './campaigns';

const PATH = '/staff/campaigns/import';

/** Campaigns that come from another installation, and go to one: the folder of `gatefold campaign` as a ZIP archive. */
export function importRoutes(services: Services): Router {
  const router = Router();
  const mayEdit = requireStaff('admin', 'marketer');

  router.get('/staff/campaigns/:slug/export.zip', requireStaff(), async (request, response) => {
    const slug = String(request.params['slug']);
    const campaign = await findCampaign(slug);
    if (!campaign) throw unknownCampaign(slug);
    response.attachment(`${slug}.zip`).send(await zipOf(await campaignFiles(campaign)));
  });

  router.get(PATH, mayEdit, (request, response) => show(request, response, {}));
  router.post(PATH, mayEdit, readUpload('archive'), refuseForeignForm, async (request: Request, response: Response) => {
    try {
      await answer(services, request, response);
    } catch (error) {
      // What is wrong with a file is told where the next one is chosen.
      if (!(error instanceof GatefoldError) || error.kind !== 'invalid') throw error;
      await show(request, response, { mistakes: [...error.reader.split('\n'), error.wayOut ?? ''].filter(Boolean) });
    }
  });
  return router;
}

async function answer({ config, now }: Services, request: Request, response: Response): Promise<void> {
  await dropHeld(new Date(now().getTime() - config.limits.importWaits));
  const files = request.file ? await filesIn(request.file) : await keptFiles(request.body);
  if (!files) return show(request, response, { mistakes: ['Choose the ZIP file of a campaign.'] });
  const arrival = await arrivalOf(files);
  const { slug, known, problems } = arrival;
  if (problems.length > 0) return show(request, response, { mistakes: problems.map(inWords) });
  const seen = request.body['revision'] as string | undefined;
  if (known && seen !== String(known.revision ?? 0)) {
    return show(request, response, { arrival, kept: await keepAll(files), isOvertaken: seen !== undefined });
  }
  await takeIn(arrival, Number(seen), { actor: accountOf(response).email, dataDir: config.dataDir });
  response.redirect(303, `/staff/campaigns/${slug}`);
}

const inWords = ({ path, message }: Problem): string => `${path.join('.')}: ${message}`;

/** An archive, or the `campaign.yaml` alone. */
async function filesIn({ originalname, buffer }: Express.Multer.File): Promise<CampaignFiles> {
  return /\.ya?ml$/i.test(originalname) ? new Map([['campaign.yaml', buffer]]) : filesInZip(buffer);
}

const FIELD = 'file ';

/** Until somebody has said yes, the files wait in the store under their hashes, and not for ever; the page carries those. */
async function keepAll(files: CampaignFiles): Promise<[string, string][]> {
  return Promise.all(
    [...files].map(async ([name, bytes]) => [FIELD + name, await holdFile(bytes)] as [string, string]),
  );
}

async function keptFiles(body: Record<string, unknown>): Promise<CampaignFiles | undefined> {
  const named = Object.entries(body).flatMap(([field, hash]): [string, string][] => {
    const name = field.slice(FIELD.length);
    const isKept = field.startsWith(FIELD) && isCampaignFile(name) && /^[0-9a-f]{64}$/.test(String(hash));
    return isKept ? [[name, String(hash)]] : [];
  });
  if (named.length === 0) return undefined;
  return new Map(await Promise.all(named.map(async ([name, hash]) => [name, await kept(hash)] as const)));
}

function kept(hash: string): Promise<Buffer> {
  return readHeld(hash).catch(() => {
    throw new GatefoldError('invalid', 'upload-gone', 'The archive is not here any more. Choose it again.');
  });
}

interface Shown {
  mistakes?: string[];
  arrival?: Arrival;
  kept?: [string, string][];
  /** Somebody saved the campaign after its differences were shown. */
  isOvertaken?: boolean;
}

async function show(request: Request, response: Response, shown: Shown): Promise<void> {
  const { mistakes = [], arrival, kept: waiting = [], isOvertaken = false } = shown;
  const name = arrival ? `Import over “${arrival.known?.title}”?` : 'Import a campaign';
  const locals = {
    title: mistakes.length > 0 ? `Error: ${name}` : name,
    name,
    mistakes,
    arrival,
    waiting,
    isOvertaken,
  };
  await renderPage(request, response, 'campaigns/import', locals, { status: mistakes.length > 0 ? 422 : 200 });
}
