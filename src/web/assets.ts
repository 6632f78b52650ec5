import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Request, RequestHandler, Response } from 'express';

const ROOT = join(__dirname, '../../assets');
/** What pages load, style sheets last because they name the others. Fonts of the stamping room stay inside. */
const SERVED = ['fonts/web', 'img', 'js', 'css'];
const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};
const COMPRESSIBLE = /^(text|image\/svg)/;

type Encoding = 'identity' | 'gzip' | 'br';

interface Asset {
  type: string;
  hash: string;
  /** Kept from the first time that somebody asks for it in this encoding. */
  bytes: Partial<Record<Encoding, Buffer>> & { identity: Buffer };
}

const QUALITY = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
const COMPRESS = {
  identity: (bytes: Buffer) => bytes,
  gzip: (bytes: Buffer) => gzipSync(bytes),
  br: (bytes: Buffer) => brotliCompressSync(bytes, { params: QUALITY }),
};

/**
 * All assets, read once at start: they are a few hundred kilobytes. They are compressed when a browser first asks, so
 * that neither commands nor workers wait a tenth of a second for what they don't serve.
 */
const assets = new Map<string, Asset>();
for (const folder of SERVED) readFolder(join(ROOT, folder));

function readFolder(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !(extname(entry.name) in TYPES)) continue;
    const path = join(entry.parentPath, entry.name);
    assets.set(relative(ROOT, path), readAsset(path));
  }
}

function readAsset(path: string): Asset {
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  const identity = extname(path) === '.css' ? styleSheet(path) : readFileSync(path);
  const hash = createHash('sha256').update(identity).digest('base64url').slice(0, 12);
  if (!COMPRESSIBLE.test(type)) return { type, hash, bytes: { identity, gzip: identity, br: identity } };
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  const bytes = { identity, gzip: gzipSync(identity), br: brotliCompressSync(identity, { params: quality }) };
  return { type, hash, bytes };
}

/** A style sheet whose `url("../…")` are addresses that change with the content, too. */
function styleSheet(path: string): Buffer {
  const text = readFileSync(path, 'utf8');
  return Buffer.from(text.replace(/url\("\.\.\/([^"?#]+)"\)/g, (_, name: string) => `url("${assetUrl(name)}")`));
}

/** `/assets/<path>?v=<hash>`: an address that changes with the content, so that a browser may keep it for good. */
export function assetUrl(path: string): string {
  const asset = assets.get(path);
  if (!asset) throw new Error(`no asset ${path}`);
  return `/assets/${path}?v=${asset.hash}`;
}

/** Answers `/assets/…`. Mount at `/assets`. */
export const serveAssets: RequestHandler = (request, response, next) => {
  const asset = request.method === 'GET' || request.method === 'HEAD' ? assets.get(request.path.slice(1)) : undefined;
  if (!asset) return next();
  send(request, response, asset);
};

/** The bytes of an asset as a browser wants them; pictures and fonts are compressed already and stay as they are. */
function encoded(asset: Asset, encoding: Encoding): Buffer {
  if (!COMPRESSIBLE.test(asset.type)) return asset.bytes.identity;
  asset.bytes[encoding] ??= COMPRESS[encoding](asset.bytes.identity);
  return asset.bytes[encoding];
}

function send(request: Request, response: Response, asset: Asset): void {
  const offered = request.acceptsEncodings(['br', 'gzip', 'identity']);
  const encoding = offered === 'br' || offered === 'gzip' ? offered : 'identity';
  const bytes = encoded(asset, encoding);
  const etag = `"${asset.hash}-${encoding}"`;
  response.set({
    'Content-Type': asset.type,
    'Cache-Control': request.query['v'] === asset.hash ? 'public, max-age=31536000, immutable' : 'public, max-age=300',
    ETag: etag,
    Vary: 'Accept-Encoding',
  });
  if (request.fresh) return void response.status(304).end();
  if (bytes !== asset.bytes.identity) response.set('Content-Encoding', encoding);
  response.set('Content-Length', String(bytes.length));
  response.end(request.method === 'HEAD' ? undefined : bytes);
}
