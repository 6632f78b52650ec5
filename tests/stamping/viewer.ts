import { viewing } from '../../src/stamping/viewer';

/** The text of each page as pdfium, an independent parser, extracts it. */
export function pageTexts(pdf: Uint8Array): Promise<string[]> {
  return viewing(pdf, (doc) => [...doc.pages()].map((page) => page.getText()));
}

interface Pixels {
  data: Buffer;
  width: number;
  height: number;
}

/** Every page as a picture `width` pixels wide. */
export function pagePictures(pdf: Uint8Array, width = 300): Promise<Pixels[]> {
  return viewing(pdf, async (doc) => {
    const pages: Pixels[] = [];
    for (const page of doc.pages()) {
      const picture = await page.render({ width, render: 'bitmap' });
      pages.push({ data: Buffer.from(picture.data), width: picture.width, height: picture.height });
    }
    return pages;
  });
}

/** The pixels in which two pictures differ, as shares of width and height from the upper left corner. */
export function differingPixels(a: Pixels, b: Pixels): [x: number, y: number][] {
  if (a.width !== b.width || a.height !== b.height) throw new Error('the page changed its size');
  const found: [number, number][] = [];
  for (let at = 0; at < a.data.length; at += 4) {
    if (a.data.readUInt32LE(at) === b.data.readUInt32LE(at)) continue;
    const pixel = at / 4;
    found.push([((pixel % a.width) + 0.5) / a.width, (Math.floor(pixel / a.width) + 0.5) / a.height]);
  }
  return found;
}

/** For each page the rows of a picture in which two files differ, as shares of the height. */
export async function differingRows(a: Uint8Array, b: Uint8Array): Promise<number[][]> {
  const [before, after] = [await pagePictures(a), await pagePictures(b)];
  return before.map((page, at) => {
    const other = after[at];
    if (!other) throw new Error('a page was lost');
    return [...new Set(differingPixels(page, other).map(([, y]) => y))];
  });
}
