import type { Format } from './formats';

/** The log entry of an export: who, when, which leads (kept apart, by the thousand), which columns. */
export interface Disclosure {
  id: string;
  campaign: string;
  /** Missing when staff or a command took every lead. */
  sponsor?: string;
  /** An account's address, or `cli:<os user>`. */
  actor: string;
  at: Date;
  format: Format;
  columns: string[];
  /** `aborted`: the taker hung up; what had been read for them by then is logged all the same. */
  state: 'running' | 'complete' | 'aborted';
  rows: number;
  /** Of the bytes that went out, when complete. */
  sha256?: string;
}
