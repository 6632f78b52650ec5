import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { Socket } from 'node:net';
import { messageOf } from '../errors';
import { lookupOf, type Target } from '../target';

interface Posting {
  headers: Record<string, string>;
  body: string;
  timeout: number;
  signal: AbortSignal;
  /** Called once the other side is there, before a byte of the request leaves. */
  connected(): Promise<void>;
}

/** What became of a post: the status, or why there is none. */
export type Posted = { status: number } | { error: string };

/**
 * Posts to one of the addresses that were looked at, on a connection of its own. Redirects are not followed, and of the
 * answer only its status is read.
 */
export function post(target: Target, posting: Posting): Promise<Posted> {
  const { url } = target;
  const { headers, body, timeout, signal, connected } = posting;
  return new Promise((resolve) => {
    const ask = url.protocol === 'http:' ? requestPlain : requestTls;
    const ends = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
    const request = ask(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      lookup: lookupOf(target),
      agent: false,
      signal: ends,
    });
    request.once('response', (response) => {
      resolve({ status: response.statusCode ?? 0 });
      response.on('error', () => undefined);
      response.destroy();
    });
    request.on('error', (error) => resolve({ error: ends.aborted ? 'no answer in time' : wordsOf(error) }));
    request.once('socket', (socket: Socket) => {
      socket.once(url.protocol === 'http:' ? 'connect' : 'secureConnect', () => {
        connected().then(
          () => request.end(body),
          (error) => request.destroy(error),
        );
      });
    });
  });
}

/** The codes of Node and OpenSSL say it shortest, and hold nothing of the other side's words. */
const wordsOf = (error: NodeJS.ErrnoException): string => (error.code ?? messageOf(error)).slice(0, 100);
