/** How an export looks: which columns under which headers, how answers and times are written, and in which format. */

export type Format = 'csv' | 'ndjson' | 'xlsx';
export const FORMATS: readonly Format[] = ['csv', 'xlsx', 'ndjson'];

/** `iso` is the contract's; `date` and `time` sort as text; `day-first` and `month-first` are what people write. */
export type DateStyle = 'iso' | 'time' | 'date' | 'day-first' | 'month-first';

export type Delimiter = ',' | ';' | '\t' | '|';

/** One column of a profile. */
export interface ChosenColumn {
  /** A name of the contract (`email`, `q_units`), or `text` for the same text in every row. */
  source: string;
  header: string;
  /** What stands where the lead has nothing; for `text` the text itself. */
  ifEmpty: string;
}

export interface Look {
  format: Format;
  /** Missing: the contract's, in its order, whatever the campaign asks. */
  columns?: ChosenColumn[];
  answers: 'codes' | 'texts';
  dates: DateStyle;
  /** IANA name, e.g. `Europe/London`. */
  timeZone: string;
  between: string;
  delimiter: Delimiter;
  /** A byte order mark in front: Excel takes a CSV for UTF-8 only with it. */
  bom: boolean;
  quotes: 'needed' | 'always';
}

/** A look that somebody named and keeps. One profile serves all campaigns of its owner. */
export interface Profile extends Look {
  id: string;
  /** Whose it is; missing for the publisher's. */
  sponsor?: string;
  name: string;
  /**
   * Key of a consent of the publisher's: only readers who gave it are taken. A sponsor's profile has none, because a
   * sponsor gets nothing without the consent that names it anyway.
   */
  consent?: string;
  /** Who changed it last. */
  by: string;
  at: Date;
}

/** What an export takes: everything, what this profile has not given yet, or what was captured from one day to another. */
export type Range = { kind: 'all' } | { kind: 'new' } | { kind: 'days'; from: string; to: string };

/** The export of the contract, under which anybody may take leads without a profile. */
export const standard = (format: Format): Look => ({
  format,
  answers: 'codes',
  dates: 'iso',
  timeZone: 'UTC',
  between: '; ',
  delimiter: ',',
  bom: false,
  quotes: 'needed',
});
