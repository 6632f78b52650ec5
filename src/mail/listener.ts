import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { messageOf } from '../errors';
import { type Report, readReport } from './report';

/** Where bounces and complaints come in: an SMTP server of ours that takes mail for our own return addresses alone. */

interface ListenerOptions {
  host: string;
  port: number;
  /** Whether a local part is one that we have given out; everything else is refused, so nothing can be relayed. */
  isOurs(localPart: string): boolean;
  /** Keeps a report that came to `localPart`; when it throws, the remote is asked to try again later. */
  keep(localPart: string, report: Report): Promise<void>;
  log: { info(detail: object, text: string): void; error(detail: object, text: string): void };
}

export interface Listener {
  port: number;
  close(): Promise<void>;
}

/** A report encloses at most our own message; larger ones are cut by their senders (RFC 3464, 2). */
const SIZE_MAX = 10 * 1024 * 1024;
const CLIENTS_MAX = 20;
const SILENCE_MS = 60_000;
const RECIPIENTS_MAX = 10;

export async function listenForReports({ host, port, isOurs, keep, log }: ListenerOptions): Promise<Listener> {
  // Loaded where it is wanted: most installations hear of bounces in another way.
  const { SMTPServer } = await import('smtp-server');
  const server = new SMTPServer({
    disabledCommands: ['AUTH'],
    authOptional: true,
    disableReverseLookup: true,
    size: SIZE_MAX,
    maxClients: CLIENTS_MAX,
    socketTimeout: SILENCE_MS,
    logger: false,
    onRcptTo: ({ address }, { envelope }, done) => {
      if (envelope.rcptTo.length >= RECIPIENTS_MAX) return done(reply(452, 'too many recipients'));
      return done(isOurs(localPartOf(address)) ? null : reply(550, '5.1.1 no such address here'));
    },
    onData: async (stream, { envelope }, done) => {
      try {
        const raw = await buffer(stream);
        if (stream.sizeExceeded) return done(reply(552, '5.3.4 that is too large for a report'));
        const report = await readReport(raw);
        if (!report) log.info({}, 'mail: what came to a return address is no report');
        else for (const { address } of envelope.rcptTo) await keep(localPartOf(address), report);
        done();
      } catch (error) {
        log.error({ error: messageOf(error) }, 'mail: a report could not be kept');
        done(reply(451, '4.3.0 try again later'));
      }
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  // A client that hangs up in the middle is its own trouble.
  server.on('error', (error) => log.info({ error: messageOf(error) }, 'mail: a session of the report listener failed'));
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const localPartOf = (address: string): string => address.slice(0, address.lastIndexOf('@')).toLowerCase();

function reply(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}
