import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { rawPages, rawPdf, rawStream } from './raw-pdf';

const A4 = '/MediaBox [0 0 595 842]';
const CATALOG = '<< /Type /Catalog /Pages 2 0 R >>';
const ONE_PAGE = ['<< /Type /Pages /Count 1 /Kids [3 0 R] >>', `<< /Type /Page /Parent 2 0 R ${A4} >>`];
const megabyte = 1024 * 1024;

/** A file whose only object stream unpacks to `size` bytes. */
function bomb(size: number): Buffer {
  const packed = deflateSync(Buffer.alloc(size, ' '), { level: 9 });
  return rawPdf({
    objects: [CATALOG, ...ONE_PAGE, rawStream(packed, '/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode')],
  });
}

/** Two layers of compression: a few kilobytes become a gigabyte. */
function nestedBomb(): Buffer {
  const packed = deflateSync(deflateSync(Buffer.alloc(1024 * megabyte, ' '), { level: 9 }), { level: 9 });
  const filter = '/Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode]';
  return rawPdf({ objects: [CATALOG, ...ONE_PAGE, rawStream(packed, filter)] });
}

function kidsLoop(): Buffer {
  return rawPdf({
    objects: [CATALOG, '<< /Type /Pages /Count 1 /Kids [3 0 R] >>', '<< /Type /Pages /Kids [2 0 R] >>'],
  });
}

function parentLoop(): Buffer {
  const pages = '<< /Type /Pages /Parent 4 0 R /Count 1 /Kids [3 0 R] >>';
  const other = '<< /Type /Pages /Parent 2 0 R /Kids [] >>';
  return rawPdf({ objects: [CATALOG, pages, '<< /Type /Page /Parent 2 0 R >>', other] });
}

/** Viewers follow each of the two and run out of memory. */
function ownForm(): Buffer {
  const resources = '/Resources << /XObject << /F 4 0 R >> >>';
  const form = rawStream('/F Do /F Do', `/Type /XObject /Subtype /Form /BBox [0 0 9 9] ${resources}`);
  const page = `<< /Type /Page /Parent 2 0 R ${A4} ${resources} /Contents 5 0 R >>`;
  return rawPdf({ objects: [CATALOG, ONE_PAGE[0] ?? '', page, form, rawStream('/F Do')] });
}

/** Deeper than viewers go. */
function deepTree(levels: number): Buffer {
  const nodes = Array.from({ length: levels }, (_, at) => {
    const parent = at > 0 ? `/Parent ${at + 1} 0 R` : '';
    return `<< /Type /Pages /Count 1 /Kids [${at + 3} 0 R] ${parent} >>`;
  });
  return rawPdf({ objects: [CATALOG, ...nodes, `<< /Type /Page /Parent ${levels + 1} 0 R ${A4} >>`] });
}

const noise = (bytes: number) =>
  Buffer.concat(
    Array.from({ length: Math.ceil(bytes / 64) }, (_, at) => createHash('sha512').update(String(at)).digest()),
  ).subarray(0, bytes);

const whole = () => rawPages([{ contents: ['0 0 100 100 re f'] }]);

/** Files that must be refused, by what is wrong, with a word that the reason must have. */
export const refused: Record<string, [make: () => Buffer, reason: RegExp]> = {
  'an empty file': [() => Buffer.alloc(0), /empty/],
  'a text file': [() => Buffer.from('Dear Sir or Madam'), /not a PDF/],
  'a web page': [() => Buffer.from('<!doctype html><title>404</title>'), /not a PDF/],
  'a header and nothing else': [() => Buffer.from('%PDF-1.7\n'), /damaged/],
  'a header and noise': [() => Buffer.concat([Buffer.from('%PDF-1.7\n'), noise(20_000)]), /damaged/],
  'half a file': [() => whole().subarray(0, 200), /damaged/],
  'no pages': [() => rawPdf({ objects: [CATALOG, '<< /Type /Pages /Count 0 /Kids [] >>'] }), /no pages|cannot open/],
  'a catalog that is no dictionary': [() => rawPdf({ objects: ['[1 2 3]'] }), /damaged/],
  'a page tree that is its own child': [kidsLoop, /damaged/],
  'parents that are each other’s parents': [parentLoop, /damaged/],
  'an object stream that unpacks to 300 MB': [() => bomb(300 * megabyte), /256 MB/],
  'a bomb within a bomb': [nestedBomb, /256 MB|memory|seconds/],
  'a form that draws itself twice': [ownForm, /memory|seconds/],
  'a page tree of 1,100 levels': [() => deepTree(1100), /cannot show all pages|cannot open/],
  'an encryption dictionary': [
    () => rawPdf({ objects: [CATALOG, ...ONE_PAGE, '<< /Filter /Standard /V 1 >>'], trailer: '/Encrypt 4 0 R' }),
    /encrypted/,
  ],
  'a signature': [
    () =>
      rawPdf({
        objects: [CATALOG, ...ONE_PAGE, '<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> >>'],
      }),
    /signature/,
  ],
  'usage rights': [
    () => rawPdf({ objects: ['<< /Type /Catalog /Pages 2 0 R /Perms << >> >>', ...ONE_PAGE] }),
    /signature/,
  ],
  'a dynamic XFA form': [
    () => rawPdf({ objects: ['<< /Type /Catalog /Pages 2 0 R /NeedsRendering true >>', ...ONE_PAGE] }),
    /XFA/,
  ],
  'pages that are no pages': [
    () => rawPdf({ objects: [CATALOG, '<< /Type /Pages /Count 1 /Kids [3 0 R] >>', '(page)'] }),
    /no pages/,
  ],
};

/** Files that qpdf has encrypted, which are refused, too: what they need to be opened or changed. */
export const encrypted = [
  'a password to open, AES',
  'a password to change, AES',
  'a password to change, AES, object streams',
  'a password to open, RC4',
  'a password to change, RC4',
];

/** Files that take seconds to make. */
export const slow = ['an object stream that unpacks to 300 MB', 'a bomb within a bomb'];
