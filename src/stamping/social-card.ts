import type { Sharp } from 'sharp';
import sharp from 'sharp';
import type { Picture } from './stamping.types';

/** What the large networks crop least: 1.91 to 1. */
const CARD = { width: 1200, height: 630 };
/** A page in portrait is this wide and runs out of the card at the foot, so that its title can be read. */
const PORTRAIT_WIDTH = 620;
const TOP = 60;
/** A page in landscape is shown whole. */
const LARGEST = { width: 960, height: CARD.height - 2 * TOP };
const SHADOW = { blur: 18, drop: 10, opacity: 0.45 };

/** A sheet's shadow on a transparent card. */
function shadow(left: number, top: number, width: number, height: number): Promise<Buffer> {
  const rect = `<rect x="${left}" y="${top + SHADOW.drop}" width="${width}" height="${height}" fill-opacity="${SHADOW.opacity}"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${CARD.width}" height="${CARD.height}">${rect}</svg>`;
  return sharp(Buffer.from(svg)).blur(SHADOW.blur).png().toBuffer();
}

/** Blurred where it is small, which costs a hundredth and looks the same. */
function backdrop(image: Sharp): Promise<Buffer> {
  const small = { width: CARD.width / 10, height: CARD.height / 10 };
  return image
    .clone()
    .resize({ ...small, fit: 'cover' })
    .blur(6)
    .modulate({ brightness: 0.55, saturation: 1.2 })
    .png()
    .toBuffer();
}

/** The first page before its own colours, blurred and dark: the picture beside a link to the paper. */
export async function socialCard(image: Sharp): Promise<Picture> {
  const { width: across = 1, height: up = 1 } = await image.metadata();
  const portrait = up > across;
  const resized = portrait
    ? image.clone().resize({ width: PORTRAIT_WIDTH, height: CARD.height - TOP, fit: 'cover', position: 'top' })
    : image.clone().resize({ ...LARGEST, fit: 'inside' });
  const { data: sheet, info } = await resized.png().toBuffer({ resolveWithObject: true });
  const left = Math.round((CARD.width - info.width) / 2);
  const top = portrait ? TOP : Math.round((CARD.height - info.height) / 2);
  const shade = await shadow(left, top, info.width, portrait ? CARD.height : info.height);
  const bytes = await sharp(await backdrop(image))
    .resize(CARD)
    .composite([{ input: shade }, { input: sheet, left, top }])
    .removeAlpha()
    .png()
    .toBuffer();
  return { name: 'card.png', page: 1, type: 'image/png', ...CARD, bytes };
}
