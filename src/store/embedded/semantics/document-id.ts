import { StoreError } from './errors';
import { setField } from './path';
import type { Doc } from './types';
import { fieldsOf, kindOf } from './values';

/** Refuses what can't be an `_id`: arrays, regular expressions, undefined (53), documents with fields like `$x` (52). */
export function checkId(id: unknown): void {
  const kind = kindOf(id);
  if (kind === 'array' || kind === 'regex' || kind === 'undefined') {
    throw new StoreError(53, `The '_id' value cannot be of type ${kind}`);
  }
  const dollar = kind === 'object' ? Object.keys(fieldsOf(id as Doc)).find((name) => name.startsWith('$')) : undefined;
  if (dollar !== undefined && !/^\$(ref|id|db)$/.test(dollar)) {
    throw new StoreError(
      52,
      `_id fields may not contain '$'-prefixed fields: The dollar ($) prefixed field '${dollar}' is not valid for storage.`,
    );
  }
}

/** The same document with `_id` as its first field, as MongoDB stores documents. */
export function withIdFirst(doc: Doc): Doc {
  if (!Object.hasOwn(doc, '_id') || Object.keys(doc)[0] === '_id') return doc;
  const result: Doc = { _id: doc['_id'] };
  for (const [name, value] of Object.entries(doc)) if (name !== '_id') setField(result, name, value);
  return result;
}
