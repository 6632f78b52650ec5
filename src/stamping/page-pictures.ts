import sharp, { type Sharp } from 'sharp';
import { socialCard } from './social-card';
import { StampError } from './stamp-error';
import type { Picture, Pictures } from './stamping.types';
import { type ViewedDocument, viewing } from './viewer';

/** Pixels across: a cover is shown up to 224 CSS pixels wide, on screens with up to three pixels to one of them. */
const COVER_WIDTHS = [320, 480, 720];
/** Inside pages are to be seen, not to be read: they stand for a paper that is given for an address. */
const PAGE_WIDTHS = [160, 320];
/** A cover in landscape is this wide on the card. */
const CARD_WIDTH = 960;
/** The cover for programs that take no WebP. */
const THUMBNAIL_WIDTH = 480;
/** Pages are drawn this many times larger and scaled down: pdfium's letters have coloured edges, which that takes away. */
const OVERSIZE = 2;
/** Pages that are longer than this many times their width are drawn narrower. */
const LONGEST = 2;
/** Pictures of more pixels are not opened: these take 200 MB. */
const MOST_PIXELS = 50_000_000;
/** No further page is begun after this time; what is there is used. */
const LONGEST_MS = 10_000;
const WEBP = { quality: 82 };

// The thread that draws is one of several: no pool and no cache of its own.
sharp.concurrency(1);
sharp.cache(false);

/** A page, white where it is empty, at least as large as a picture `width` pixels across. */
async function drawPage(doc: ViewedDocument, at: number, width: number): Promise<Sharp> {
  const page = doc.getPage(at);
  const { originalWidth, originalHeight } = page.getOriginalSize();
  const ratio = originalWidth > 0 && originalHeight > 0 ? originalHeight / originalWidth : 1;
  const across = width * OVERSIZE * Math.min(1, LONGEST / ratio);
  const size = { width: Math.max(1, Math.round(across)), height: Math.max(1, Math.round(across * ratio)) };
  const { data } = await page.render({ ...size, render: 'bitmap', renderFormFields: true });
  return reduced(sharp(data, { raw: { ...size, channels: 4 } }).removeAlpha(), width);
}

/** Pixels of the largest size that is wanted: the others are made of them sooner than of the whole. */
async function reduced(image: Sharp, width: number): Promise<Sharp> {
  const { data, info } = await image
    .resize({ width, height: width * LONGEST, fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
}

async function webp(image: Sharp, page: number, width: number, name: string): Promise<Picture> {
  const made = image
    .clone()
    .resize({ width, height: width * LONGEST, fit: 'inside' })
    .webp(WEBP);
  const { data, info } = await made.toBuffer({ resolveWithObject: true });
  return {
    name: `${name}-${width}.webp`,
    page,
    type: 'image/webp',
    width: info.width,
    height: info.height,
    bytes: data,
  };
}

/** The picture of a cover in all its sizes, and as the card that stands beside a link to it. */
async function coverPictures(image: Sharp): Promise<Picture[]> {
  const sizes: Picture[] = [];
  for (const width of COVER_WIDTHS) sizes.push(await webp(image, 1, width, 'cover'));
  const small = { width: THUMBNAIL_WIDTH, height: THUMBNAIL_WIDTH * LONGEST, fit: 'inside' } as const;
  const thumbnail = await image.clone().resize(small).png({ palette: true }).toBuffer({ resolveWithObject: true });
  const { width, height } = thumbnail.info;
  const card = await socialCard(image);
  return [...sizes, { name: 'cover.png', page: 1, type: 'image/png', width, height, bytes: thumbnail.data }, card];
}

/**
 * Pictures of a PDF's first page as its cover and of `pages - 1` pages after it.
 * @throws {StampError} `damaged` when viewers can't open it
 */
export function picturePages(pdf: Uint8Array, pages: number): Promise<Pictures> {
  const until = Date.now() + LONGEST_MS;
  return viewing(pdf, async (doc) => {
    const pictures = await coverPictures(await drawPage(doc, 0, Math.max(...COVER_WIDTHS)));
    for (let at = 1; at < Math.min(pages, doc.getPageCount()) && Date.now() < until; at += 1) {
      const image = await drawPage(doc, at, Math.max(...PAGE_WIDTHS));
      for (const width of PAGE_WIDTHS) pictures.push(await webp(image, at + 1, width, `page-${at + 1}`));
    }
    return { pictures, pages: doc.getPageCount() };
  });
}

/**
 * The same of a picture that serves as a cover.
 * @throws {StampError} `bad-picture`
 */
export async function pictureCover(bytes: Uint8Array): Promise<Picture[]> {
  try {
    const opened = sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error' }).rotate();
    const flat = opened.flatten({ background: '#ffffff' }).toColourspace('srgb');
    return await coverPictures(await reduced(flat, CARD_WIDTH));
  } catch {
    throw new StampError('bad-picture', 'The picture can’t be opened.', 'Save it again as PNG, JPEG or WebP.');
  }
}

/**
 * One page as a picture, for whoever looks at a copy.
 * @param page counted from 1
 * @throws {StampError} `damaged`, `no-such-page`
 */
export function picturePage(pdf: Uint8Array, page: number, width: number): Promise<Picture> {
  return viewing(pdf, async (doc) => {
    if (page > doc.getPageCount()) throw new StampError('no-such-page', `There is no page ${page}.`, 'Choose another.');
    return webp(await drawPage(doc, page - 1, width), page, width, `page-${page}`);
  });
}
