import { pipeline } from 'node:stream/promises';
import { type Request, type Response, Router } from 'express';
import { copyFor, isScanner, recordFetch } from '../deliveries/deliveries';
import { findRequest, isHeld } from '../leads/leads';
import type { ReaderToken } from '../links';
import type { Copy } from '../stamping/stamping';
import type { Services } from '../web/services';
import { type ByteRange, isNamedBy, readRange } from './byte-range';
import { linkGone, openToken } from './reader-token';

/** The reader's own PDF, by link alone: no cookie, no session, any viewer or download manager. */
export function downloadRoutes(services: Services): Router {
  const router = Router();

  // Express answers HEAD through the same handler.
  router.get('/d/:token', async (request, response) => {
    const link = await openToken(services, request.params.token);
    const { request: ref, channel } = link;
    const held = channel === 'mail' ? await isWaiting(ref) : false;
    // Whoever has the link from the mail is one click away.
    if (held) return response.redirect(303, `/v/${request.params.token}`);
    const { copy, fileName } = await copyFor(ref, services);
    const range = wantedRange(request, copy);
    const unchanged = isNamedBy(request.get('if-none-match'), copy.etag);
    if (!unchanged && isFullDownload(request, range)) await countFetch(services, request, link);
    describe(response, copy, fileName);
    if (unchanged) return void response.status(304).end();
    if (range === 'unsatisfiable')
      return void response.status(416).set('Content-Range', `bytes */${copy.length}`).end();
    await send(request, response, copy, range);
  });

  return router;
}

async function isWaiting(ref: string): Promise<boolean> {
  const found = await findRequest(ref);
  return found !== null && isHeld(found);
}

/** RFC 9110, 13.1.5: a range of another version would be garbage, so If-Range with any other tag means the whole. */
function wantedRange(request: Request, copy: Copy): ReturnType<typeof readRange> {
  const ifRange = request.get('if-range');
  if (request.method === 'HEAD' || (ifRange !== undefined && ifRange.trim() !== copy.etag)) return 'whole';
  return readRange(request.get('range'), copy.length);
}

/** What counts against the link: GET from the first byte. HEAD and the continuation of a download are free. */
function isFullDownload(request: Request, range: ReturnType<typeof readRange>): boolean {
  if (request.method !== 'GET' || range === 'unsatisfiable') return false;
  return range === 'whole' || range.start === 0;
}

async function countFetch({ config, now }: Services, request: Request, link: ReaderToken): Promise<void> {
  const at = now();
  const { linkDownloads, scanWindow } = config.limits;
  const purpose = request.get('sec-purpose') ?? request.get('purpose') ?? request.get('x-moz') ?? '';
  const scanner = await isScanner(link, { userAgent: request.get('user-agent') ?? '', purpose, at }, scanWindow);
  const { allowed } = await recordFetch({ link, scanner, at }, linkDownloads);
  if (!allowed) throw linkGone('link-used-up', 'This link was used too many times.');
}

function describe(response: Response, copy: Copy, fileName: string): void {
  response.set({
    'Content-Type': 'application/pdf',
    'Content-Disposition': disposition(fileName),
    'Accept-Ranges': 'bytes',
    ETag: copy.etag,
    // The copy is personal: a shared cache must not keep it, and no page may learn its address.
    'Cache-Control': 'private, no-cache',
    'X-Robots-Tag': 'noindex',
    'Referrer-Policy': 'no-referrer',
  });
}

/** RFC 6266: shown in the viewer; saved under the file's name. */
function disposition(fileName: string): string {
  const ascii = fileName.replace(/[^\w. -]/g, '_');
  const encoded = encodeURIComponent(fileName).replace(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
  return `inline; filename="${ascii}"${ascii === fileName ? '' : `; filename*=UTF-8''${encoded}`}`;
}

async function send(request: Request, response: Response, copy: Copy, range: ByteRange | 'whole'): Promise<void> {
  const { start, end } = range === 'whole' ? { start: 0, end: copy.length - 1 } : range;
  response.set('Content-Length', String(end - start + 1));
  if (range !== 'whole') response.status(206).set('Content-Range', `bytes ${start}-${end}/${copy.length}`);
  if (request.method === 'HEAD') return void response.end();
  await pipeline(copy.read(start, end), response).catch((error: NodeJS.ErrnoException) => {
    // A viewer that has seen enough hangs up; nobody is there to be told.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}
