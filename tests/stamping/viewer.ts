import { viewing } from '../../src/stamping/viewer';

/** The text of each page as pdfium, an independent parser, extracts it. */
export function pageTexts(pdf: Uint8Array): Promise<string[]> {
  return viewing(pdf, (doc) => [...doc.pages()].map((page) => page.getText()));
}

/** For each page the rows of a picture `width` pixels wide in which two files differ, as shares of the height. */
export function differingRows(a: Uint8Array, b: Uint8Array, width = 300): Promise<number[][]> {
  const pictures = (pdf: Uint8Array) =>
    viewing(pdf, async (doc) => {
      const pages = [];
      for (const page of doc.pages()) {
        const { data, height } = await page.render({ width, render: 'bitmap' });
        pages.push({ data: Buffer.from(data), height });
      }
      return pages;
    });
  return Promise.all([pictures(a), pictures(b)]).then(([before, after]) =>
    before.map((page, at) => {
      const other = after[at];
      if (other?.height !== page.height) throw new Error(`page ${at + 1} changed its size`);
      const stride = page.data.length / page.height;
      const rows = Array.from({ length: page.height }, (_, row) => row);
      const same = (row: number) =>
        page.data
          .subarray(row * stride, (row + 1) * stride)
          .equals(other.data.subarray(row * stride, (row + 1) * stride));
      return rows.filter((row) => !same(row)).map((row) => (row + 0.5) / page.height);
    }),
  );
}
