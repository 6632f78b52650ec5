import type { Collection } from '../catalogue';
import type { Engine } from '../engine';
import type { Variables } from '../expressions';
import type { Cost } from '../scan';
import { type Doc, isDocument, StoreError } from '../semantics';

/** One stage: documents in, documents out, as they are taken. */
export type Stage = (documents: Iterable<Doc>) => Iterable<Doc>;

/** Where a pipeline runs. */
export interface Place {
  engine: Engine;
  db: string;
  /** The collection that is read; null for `aggregate: 1`. */
  collection: Collection | undefined;
  variables: Variables;
  /** Sessions of the drivers, for `$listLocalSessions`. */
  sessions: () => Doc[];
  /** Counts what is read, also of other collections. */
  cost?: Cost;
}

/** Reads a stage's argument. @param next the stage behind it: a sort before a `$limit` keeps no more than that */
export type StageMaker = (argument: unknown, place: Place, next: Doc | undefined) => Stage;

/** @throws StoreError 40323 for a stage of no or several fields */
export function nameAndArgument(stage: unknown): [string, unknown] {
  const [entry, ...more] = isDocument(stage) ? Object.entries(stage) : [];
  if (!entry || more.length > 0)
    throw new StoreError(40323, 'A pipeline stage specification object must contain exactly one field.');
  return entry;
}

/** @throws StoreError with this code and these words for what is no document */
export function documentArgument(value: unknown, code: number, words: string): Doc {
  if (!isDocument(value)) throw new StoreError(code, words);
  return value;
}
