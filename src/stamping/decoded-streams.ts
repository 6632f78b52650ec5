import { constants, inflateSync } from 'node:zlib';
import { decodePDFRawStream, PDFArray, PDFName, PDFRawStream, type PDFStream } from 'pdf-lib';

/** Page content beyond this is not looked into. */
const LARGEST = 64 * 1024 * 1024;

function soleFilter(stream: PDFStream): string | null {
  const filter = stream.dict.lookup(PDFName.of('Filter'));
  const [only] = filter instanceof PDFArray && filter.size() === 1 ? [filter.lookup(0)] : [filter];
  if (stream.dict.has(PDFName.of('DecodeParms'))) return null;
  return only instanceof PDFName ? only.asString() : null;
}

/** A stream's data without its filters; null when they can't be undone or it is too much. */
export function decodeStream(stream: PDFStream): Uint8Array | null {
  try {
    if (!stream.dict.has(PDFName.of('Filter'))) return stream.getContents();
    if (soleFilter(stream) === '/FlateDecode') {
      // A cut-off stream gives what it has, as in a viewer.
      return inflateSync(stream.getContents(), { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: LARGEST });
    }
    return stream instanceof PDFRawStream ? decodePDFRawStream(stream).decode() : null;
  } catch {
    return null;
  }
}
