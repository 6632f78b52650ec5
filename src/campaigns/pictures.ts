import { createHash } from 'node:crypto';
import * as jobs from '../jobs/jobs';
import * as stamping from '../stamping/stamping';
import { isDuplicateKey } from '../store/duplicate';
import { keepFile, readFile } from '../store/files';
import { PictureModel } from './campaign.model';
import type { Campaign, KeptPicture } from './campaign.types';

/** Raised when pictures are drawn differently, so that old ones are not mistaken for new ones. */
const DRAWER = 1;
/** As many pages after the cover as a campaign may show. */
export const PREVIEWS_MAX = 6;
/** What is shown when the campaign doesn't say; never more than a third of the paper. */
const PREVIEWS = 3;
const SHARE = 1 / 3;

/** A file in the store that can be drawn: `pdf`: its first pages; `cover`: a picture in their place. */
export interface Drawable {
  kind: 'pdf' | 'cover';
  file: string;
}

interface Drawn {
  pictures: KeptPicture[];
  /** Of the PDF. */
  pages: number;
  /** Why there are none, in plain words. */
  trouble?: string;
}

/** What was found is kept: the pictures of a file never change. */
const known = new Map<string, Drawn>();
const KNOWN_AT_MOST = 500;

function nameOf({ kind, file }: Drawable): string {
  return createHash('sha256')
    .update(JSON.stringify([DRAWER, kind, file]))
    .digest('hex');
}

async function findPictures(one: Drawable): Promise<Drawn | undefined> {
  const name = nameOf(one);
  const found = known.get(name) ?? (await PictureModel.findOne({ _id: name }).lean()) ?? undefined;
  if (found) {
    if (known.size >= KNOWN_AT_MOST) known.clear();
    known.set(name, found);
  }
  return found;
}

/**
 * Draws the pictures of a PDF or a cover in the store, which takes a second or two, and keeps them. What can't be drawn
 * has none, and says why; it is not tried again.
 */
export async function drawPictures(one: Drawable): Promise<void> {
  if (await findPictures(one)) return;
  const drawn = await draw(one.kind, await readFile(one.file));
  try {
    await PictureModel.create({ _id: nameOf(one), ...drawn });
  } catch (error) {
    // Somebody drew the same at the same time.
    if (!isDuplicateKey(error)) throw error;
  }
}

async function draw(kind: Drawable['kind'], bytes: Buffer): Promise<Drawn> {
  try {
    const { pictures, pages } =
      kind === 'pdf'
        ? await stamping.pictures(bytes, 1 + PREVIEWS_MAX)
        : { pictures: await stamping.coverPictures(bytes), pages: 0 };
    const kept = pictures.map(async ({ bytes: picture, ...rest }) => ({ ...rest, file: await keepFile(picture) }));
    return { pictures: await Promise.all(kept), pages };
  } catch (error) {
    if (!(error instanceof stamping.StampError)) throw error;
    return { pictures: [], pages: 0, trouble: `${error.message} ${error.advice}` };
  }
}

/** A drawing says its size by itself, and its letters are the viewer's: it is shown as it is. */
const isDrawing = (type: string) => type === 'image/svg+xml';

/** What a campaign shows, and why that may be less than it could be. */
interface Pictured {
  pictures: KeptPicture[];
  /** Not all is drawn yet. */
  waiting: boolean;
  /** Why the PDF has no pictures, in plain words. */
  trouble?: string;
}

/**
 * What a campaign may show: its cover, the card beside links to it, and the pages that are open to everybody.
 * @param of `published`: what readers get; `upload`: what staff handed in last
 */
export async function picturesOf(campaign: Campaign, of: 'published' | 'upload' = 'published'): Promise<Pictured> {
  const { upload, whitepaper } = campaign;
  const source = (of === 'upload' && upload?.file) || whitepaper?.source;
  const wanted = { pdf: pdfToDraw(source), cover: coverToDraw(campaign) };
  const [paper, own] = await Promise.all([
    wanted.pdf && findPictures(wanted.pdf),
    wanted.cover && findPictures(wanted.cover),
  ]);
  const { pictures = [], pages = 0 } = paper ?? {};
  const front = own?.pictures.length ? own.pictures : pictures;
  const last = 1 + (campaign.previews ?? usualPreviews(pages));
  const trouble = paper?.trouble ?? own?.trouble;
  return {
    pictures: [...front.filter(({ page }) => page === 1), ...pictures.filter(({ page }) => page > 1 && page <= last)],
    waiting: (wanted.pdf !== undefined && !paper) || (wanted.cover !== undefined && !own),
    ...(trouble !== undefined && { trouble }),
  };
}

function pdfToDraw(file: string | undefined): Drawable | undefined {
  return file === undefined ? undefined : { kind: 'pdf', file };
}

function coverToDraw({ cover }: Pick<Campaign, 'cover'>): Drawable | undefined {
  return cover && !isDrawing(cover.type) ? { kind: 'cover', file: cover.file } : undefined;
}

const usualPreviews = (pages: number) => Math.max(0, Math.min(PREVIEWS, Math.floor(pages * SHARE) - 1));

/**
 * Asks for the pictures that a campaign lacks, as a job: nobody waits for them. At upload, and at start for campaigns
 * that are older than their pictures.
 */
export async function wantPictures(campaign: Pick<Campaign, 'upload' | 'whitepaper' | 'cover'>): Promise<void> {
  const { upload, whitepaper } = campaign;
  for (const one of [pdfToDraw(upload?.file), pdfToDraw(whitepaper?.source), coverToDraw(campaign)]) {
    if (!one || (await findPictures(one))) continue;
    await jobs.want({ kind: 'draw', key: nameOf(one), payload: { ...one } });
  }
}
