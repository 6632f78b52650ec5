import { rawPages, rawPdf, rawStream } from './raw-pdf';

const HELLO = 'BT /F 24 Tf 150 400 Td (Hello) Tj ET';
const FONT = '<< /Font << /F 3 0 R >> >>';
const page = (entries: string, content = HELLO) => rawPages([{ entries, contents: [content] }]);
const content = (...contents: string[]) => rawPages([{ contents }]);
const A4 = '/MediaBox [0 0 595 842]';

/** PDFs that can be stamped, each named after the trait that other stampers stumble over: boxes, sizes and turns. */
export const geometries: Record<string, () => Buffer> = {
  plain: () => page(A4),
  'rotated by 90': () => page(`${A4} /Rotate 90`),
  'rotated by 180': () => page(`${A4} /Rotate 180`),
  'rotated by 270': () => page(`${A4} /Rotate 270`),
  'rotated by minus 90': () => page(`${A4} /Rotate -90`),
  'rotated by 450': () => page(`${A4} /Rotate 450`),
  'crop box inside the media box': () => page(`${A4} /CropBox [100 120 500 700]`),
  'crop box inside the media box, rotated by 90': () => page(`${A4} /CropBox [100 120 500 700] /Rotate 90`),
  'crop box inside the media box, rotated by 270': () => page(`${A4} /CropBox [100 120 500 700] /Rotate 270`),
  'crop box larger than the media box': () => page(`${A4} /CropBox [-50 -50 700 900]`),
  'crop box beside the media box': () => page(`${A4} /CropBox [1000 1000 1200 1200]`),
  'media box with a shifted origin': () => page('/MediaBox [1000 1000 1595 1842]'),
  'media box with a negative origin, rotated by 180': () => page('/MediaBox [-300 -400 295 442] /Rotate 180'),
  'media box upside down': () => page('/MediaBox [595 842 0 0]'),
  'user unit of 2': () => page('/MediaBox [0 0 300 420] /UserUnit 2', 'BT /F 12 Tf 80 200 Td (Hello) Tj ET'),
  'user unit of 10, rotated by 90': () => page('/MediaBox [0 0 60 84] /UserUnit 10 /Rotate 90', ''),
  'fractional boxes': () => page('/MediaBox [0.5 0.25 595.276 841.89]'),
  'a page of 3.84 points': () => page('/MediaBox [0 0 3.84 3.84]', ''),
  'a page of 3.84 points, rotated by 90': () => page('/MediaBox [0 0 3.84 5] /Rotate 90', ''),
  'a business card': () => page('/MediaBox [0 0 241 156]'),
  'a flat banner': () => page('/MediaBox [0 0 728 90]'),
  'a poster of two metres': () => page('/MediaBox [0 0 4000 5669]'),
  'mixed sizes': () =>
    rawPages([
      { entries: A4, contents: [HELLO] },
      { entries: '/MediaBox [0 0 842 1191]', contents: [HELLO] },
      { entries: '/MediaBox [0 0 720 405]', contents: [HELLO] },
      { entries: '/MediaBox [0 0 200 300] /Rotate 90', contents: [''] },
    ]),
  'boxes, rotation and resources inherited': () =>
    rawPages(
      [
        { entries: '', contents: [HELLO], resources: '' },
        { entries: '', contents: [HELLO], resources: '' },
      ],
      `/MediaBox [0 0 842 595] /CropBox [10 10 832 585] /Rotate 270 /Resources ${FONT}`,
    ),
  'no media box at all': () => page(''),
};

/** And what is in the pages and around them. */
export const contents: Record<string, () => Buffer> = {
  'no contents': () => rawPages([{}]),
  'no resources': () => rawPages([{ contents: ['0 0 100 100 re f'], resources: '' }]),
  'two pages, one content stream without resources': () => rawPages([{ contents: [HELLO] }, {}]),
  'q left open under a mirroring matrix': () => content(`q -1 0 0 -1 595 842 cm q 0.1 0 0 0.1 0 0 cm ${HELLO}`),
  'a matrix without q': () => content(`0.05 0 0 -0.05 300 300 cm 1 0 0 rg ${HELLO}`),
  'more Q than q': () => content(`q 2 0 0 2 0 0 cm Q Q Q ${HELLO}`),
  'more Q than q, then a matrix': () => content('Q Q 0.01 0 0 0.01 0 0 cm'),
  'a text object left open': () => content('BT /F 12 Tf 30 300 Td 3 Tr (Hello) Tj'),
  'marked content left open': () => content(`/Span <</ActualText (hidden)>> BDC ${HELLO}`),
  'a clip left open': () => content('0 0 10 10 re W n'),
  'q and Q inside strings, names, comments': () =>
    content(`/q MP /Q BMC EMC % Q Q Q\n q BT /F 9 Tf 30 300 Td ((q) Q \\( Q) Tj ET Q ${HELLO}`),
  'q inside an inline image': () =>
    content('q 100 0 0 100 50 500 cm BI /W 3 /H 3 /BPC 8 /CS /G ID q Q q EIq\nEI Q 2 0 0 2 0 0 cm'),
  'content cut between operators': () => content('q 0.5 0 0 0.5 0 0 cm BT /F', '24 Tf 150 400 Td (Hello)', 'Tj ET'),
  'an undecodable content stream': () =>
    rawPdf({
      objects: [
        '<< /Type /Catalog /Pages 2 0 R >>',
        '<< /Type /Pages /Count 1 /Kids [4 0 R] >>',
        rawStream('not deflated', '/Filter /FlateDecode'),
        `<< /Type /Page /Parent 2 0 R ${A4} /Contents 3 0 R >>`,
      ],
    }),
  'a page named twice in the tree': () =>
    rawPdf({
      objects: [
        '<< /Type /Catalog /Pages 2 0 R >>',
        '<< /Type /Pages /Count 2 /Kids [4 0 R 4 0 R] >>',
        rawStream('0 0 50 50 re f'),
        `<< /Type /Page /Parent 2 0 R ${A4} /Contents 3 0 R >>`,
      ],
    }),
  'resources shared by reference': () =>
    rawPdf({
      objects: [
        '<< /Type /Catalog /Pages 2 0 R >>',
        '<< /Type /Pages /Count 2 /Kids [4 0 R 5 0 R] >>',
        '<< /XObject 6 0 R >>',
        `<< /Type /Page /Parent 2 0 R ${A4} /Resources 3 0 R >>`,
        `<< /Type /Page /Parent 2 0 R ${A4} /Resources 3 0 R >>`,
        '<< >>',
      ],
    }),
  'a linearization dictionary': () =>
    rawPdf({
      objects: [
        '<< /Type /Catalog /Pages 2 0 R >>',
        '<< /Type /Pages /Count 1 /Kids [4 0 R] >>',
        '<< /Linearized 1 /L 999 /H [1 2] /O 4 /E 5 /N 1 /T 6 >>',
        `<< /Type /Page /Parent 2 0 R ${A4} >>`,
      ],
    }),
  'a stream of indirect length that ends in a line break': () => {
    const data = '1 0 0 RG 10 10 50 50 re S\r\n';
    return rawPdf({
      objects: [
        '<< /Type /Catalog /Pages 2 0 R >>',
        '<< /Type /Pages /Count 1 /Kids [4 0 R] >>',
        `<< /Length 5 0 R >>\nstream\n${data}\nendstream`,
        `<< /Type /Page /Parent 2 0 R ${A4} /Contents 3 0 R >>`,
        String(data.length),
      ],
    });
  },
};

export const defects = { ...geometries, ...contents };
