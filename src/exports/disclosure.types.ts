import type { Format, Look, Range } from './profile.types';

/** What a disclosure was written as: a file, or a message to the sponsor's own system. */
export type Way = Format | 'webhook' | 'api';

/** The log entry of an export: who, when, which leads (kept apart, by the hundred), which columns. */
export interface Disclosure {
  id: string;
  campaign: string;
  /** Missing when staff or a command took every lead. */
  sponsor?: string;
  /** An account's address, or `cli:<os user>`. */
  actor: string;
  at: Date;
  format: Way;
  columns: string[];
  /** `aborted`: the taker hung up; what had been read for them by then is logged all the same. */
  state: 'running' | 'complete' | 'aborted';
  rows: number;
  /** Of the bytes that went out, when complete. */
  sha256?: string;
  /** The profile that it was made by; missing for the contract's own export. */
  profile?: { id: string; name: string };
  range?: Range;
  /** Counts the exports of one profile in one campaign. */
  number?: number;
  /** The number that was given again. */
  again?: number;
  /** The name of the destination that it went to. */
  destination?: string;
}

/** What it takes to write an export once more, to the byte. */
export interface Recipe {
  look: Look;
  /** Names of the contract's columns that there were, and the boxes and questions behind them. */
  /** Only readers who gave this consent of the publisher's. */
  consent?: string;
  asked: { questions: string[]; consents: { key: string; sponsor?: string }[] };
  /** How answers were worded. */
  words?: Record<string, string>;
  locale?: string;
}
