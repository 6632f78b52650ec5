import { Timestamp } from 'bson';
import { equalValues, identicalValues } from './compare';
import { checkId } from './document-id';
import { CODE, StoreError } from './errors';
import { fieldOf, setField } from './path';
import { show } from './print';
import { type Doc, MISSING } from './types';
import { kindOf, timestampBits } from './values';

/** A replacement may hold no operators. */
export function checkReplacement(replacement: Doc): void {
  const dollar = Object.keys(replacement).find((name) => name.startsWith('$') && !/^\$(id|ref|db)$/.test(name));
  if (dollar !== undefined) {
    throw new StoreError(
      CODE.DollarPrefixedFieldName,
      `The dollar ($) prefixed field '${dollar}' in '${dollar}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
    );
  }
}

/** The document in place of another: it keeps that one's `_id`, which stands first. Empty timestamps become the time. */
export function replace(doc: Doc, replacement: Doc, now: Date): { doc: Doc; changed: boolean } {
  const id = fieldOf(doc, '_id');
  const own = fieldOf(replacement, '_id');
  if (id !== MISSING && own !== MISSING && !equalValues(id, own)) {
    throw new StoreError(
      CODE.ImmutableField,
      `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${show(own)}`,
    );
  }
  if (own !== MISSING) checkId(own);
  const result: Doc = {};
  const kept = own === MISSING ? id : own;
  if (kept !== MISSING) setField(result, '_id', kept);
  for (const [name, value] of Object.entries(replacement)) {
    if (name !== '_id') setField(result, name, isEmptyTimestamp(value) ? stampOf(now) : value);
  }
  return { doc: result, changed: !identicalValues(doc, result) };
}

function isEmptyTimestamp(value: unknown): boolean {
  return kindOf(value) === 'timestamp' && timestampBits(value) === 0n;
}

function stampOf(now: Date): Timestamp {
  return new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 });
}
