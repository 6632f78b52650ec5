import type { RequestHandler } from 'express';
import multer from 'multer';
import { GatefoldError } from '../errors';

const PDF_MAX = 50 * 1024 * 1024;

const FIELD_MAX = 64 * 1024;

/**
 * Reads a multipart form (RFC 7578) with at most one file, the PDF in the field `name`, into `request.file`.
 * @param fieldMax how many bytes a typed text may have
 */
export function readUpload(name: string, fieldMax = FIELD_MAX): RequestHandler {
  const upload = multer({
    storage: multer.memoryStorage(),
    limits: { fileSize: PDF_MAX, files: 1, fields: 1000, fieldSize: fieldMax, parts: 1001 },
  }).single(name);
  return (request, response, next) => {
    if (!request.is('multipart/form-data')) return next(notAnUpload(request.get('content-type')));
    upload(request, response, (error: unknown) => next(error ? uploadTrouble(error) : undefined));
  };
}

function notAnUpload(type = 'nothing'): GatefoldError {
  return new GatefoldError('invalid-type', 'upload-type', {
    log: `an upload as ${type}`,
    reader: 'This address takes a form with a file.',
    wayOut: 'Open the page and send its form.',
  });
}

function uploadTrouble(error: unknown): unknown {
  if (!(error instanceof multer.MulterError)) return error;
  const tooLarge = error.code === 'LIMIT_FILE_SIZE';
  return new GatefoldError(tooLarge ? 'too-large' : 'invalid', 'upload-refused', {
    log: `an upload was refused: ${error.code}`,
    reader: tooLarge ? 'The file is larger than 50 MB.' : 'The form did not arrive whole.',
    wayOut: tooLarge ? 'Make it smaller (a PDF: with smaller pictures) and try again.' : 'Go back and send it again.',
  });
}
