import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Request, RequestHandler, Response } from 'express';
import type { Services } from './services';

type Encoding = 'br' | 'gzip' | 'identity';

interface Page {
  html: Buffer;
  etag: string;
  /** Compressed when the first reader asks for it so. */
  encoded: Map<Encoding, Promise<Buffer>>;
}

/** A crawler that makes up addresses can't fill the memory. */
const MOST = 200;
const COMPRESS: Record<Exclude<Encoding, 'identity'>, (html: Buffer) => Promise<Buffer>> = {
  br: (html) => promisify(brotliCompress)(html, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: promisify(gzip),
};

/** How long an answer is good for, in milliseconds: long enough to render a busy page rarely, too short to notice. */
const LIFE = 200;

/**
 * Keeps what readers' pages answer for a fifth of a second: everyone who asks in it gets the same bytes, rendered once and
 * compressed once (a form's token names only its campaign and its second). What another process changes is seen then.
 */
export class PageCache {
  private period = 0;
  private readonly pages = new Map<string, Promise<Page | undefined>>();

  constructor(private readonly now: Services['now']) {}

  /** Answers from the cache, or lets the route answer and keeps that when it is a page (200) anyone may have. */
  readonly keep: RequestHandler = async (request, response, next) => {
    this.dropOld();
    const known = this.pages.get(request.originalUrl);
    if (known) {
      const page = await known;
      return page ? send(request, response, page) : next();
    }
    if (request.method !== 'GET' || this.pages.size >= MOST) return next();
    this.pages.set(request.originalUrl, pageOf(request, response, this.now()));
    next();
  };

  /** Whoever changes something through this process sees it at once. Mount where staff post. */
  readonly forget: RequestHandler = (request, response, next) => {
    // Before the answer leaves, so that who reads it and looks again finds the change.
    if (request.method === 'POST') response.once('prefinish', () => this.pages.clear());
    next();
  };

  private dropOld(): void {
    const period = Math.floor(this.now().getTime() / LIFE);
    if (period !== this.period) this.pages.clear();
    this.period = period;
  }
}

/** The page that the route is about to send, or nothing when it sends something else. */
function pageOf(request: Request, response: Response, now: Date): Promise<Page | undefined> {
  return new Promise((resolve) => {
    response.once('close', () => resolve(undefined));
    const sendPlain = response.send.bind(response);
    response.send = (body: unknown) => {
      response.send = sendPlain;
      if (response.statusCode !== 200 || typeof body !== 'string') return sendPlain(body);
      const page = newPage(body, now);
      resolve(page);
      void send(request, response, page);
      return response;
    };
  });
}

/** The token changes every second and is good for a day, so a page that differs only in it is the same page for an hour. */
function newPage(body: string, now: Date): Page {
  const html = Buffer.from(body);
  const lasting = body.replace(/name="token" value="[^"]*"/, '');
  const hour = lasting === body ? '' : Math.floor(now.getTime() / 3_600_000).toString(36);
  const etag = createHash('sha256').update(lasting).digest('base64url').slice(0, 20) + hour;
  return { html, etag, encoded: new Map([['identity', Promise.resolve(html)]]) };
}

async function send(request: Request, response: Response, page: Page): Promise<void> {
  const offered = request.acceptsEncodings(['br', 'gzip', 'identity']);
  const encoding: Encoding = offered === 'br' || offered === 'gzip' ? offered : 'identity';
  response.set({
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-cache',
    ETag: `"${page.etag}-${encoding}"`,
    Vary: 'Accept-Encoding',
  });
  if (request.fresh) return void response.status(304).end();
  let bytes = page.encoded.get(encoding);
  if (!bytes) {
    bytes = encoding === 'identity' ? Promise.resolve(page.html) : COMPRESS[encoding](page.html);
    page.encoded.set(encoding, bytes);
  }
  const body = await bytes;
  if (encoding !== 'identity') response.set('Content-Encoding', encoding);
  response.set('Content-Length', String(body.length));
  response.end(request.method === 'HEAD' ? undefined : body);
}
