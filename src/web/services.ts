import type { Logger } from 'pino';
import type { Config } from '../config';
import type { Links } from '../links';
import type { Mailer } from '../mail/mail';

/** What main.ts builds once and every route may use. */
export interface Services {
  config: Config;
  links: Links;
  mailer: Mailer;
  log: Logger;
  /** Wakes the worker of this process, if it has one. */
  nudge: () => void;
  now: () => Date;
}
