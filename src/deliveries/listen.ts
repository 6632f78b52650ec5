import type { Config } from '../config';
import type { Links } from '../links';
import { type Listener, listenForReports } from '../mail/mail';
import { recordReport } from './reports';
import { readReturnAddress } from './return-address';

interface ListenDeps {
  config: Pick<Config, 'bounces'>;
  links: Links;
  log: { info(detail: object, text: string): void; error(detail: object, text: string): void };
  nudge: () => void;
  now: () => Date;
}

/**
 * Opens the door for reports about mails that we sent: only our own return addresses are taken.
 * @returns null when BOUNCE_PORT is not set
 */
export async function listen({ config, links, log, nudge, now }: ListenDeps): Promise<Listener | null> {
  const { host, port } = config.bounces;
  if (port === undefined) return null;
  return listenForReports({
    host,
    port,
    isOurs: (localPart) => readReturnAddress(localPart, links) !== null,
    keep: async (returnTo, report) => {
      await recordReport(report, { returnTo, links, at: now() });
      nudge();
    },
    log,
  });
}
