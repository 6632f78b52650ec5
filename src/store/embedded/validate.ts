import { type Collection, documentPrefix, ID_INDEX, indexPrefix } from './catalogue';
import { after, type Disk } from './disk';
import { entriesOf } from './entries';
import { everything } from './scan';
import type { Doc } from './semantics';

const ERRORS_SHOWN = 20;

/** Whether each document has its index entries and each entry its document. */
export function validate(disk: Disk, collection: Collection): Doc {
  const errors: string[] = [];
  const prefix = documentPrefix(collection);
  /** Of each index, the entries that belong to a document. */
  const owned = new Map<number, number>();
  let nrecords = 0;
  for (const { document } of everything(disk, { start: prefix, end: after(prefix) })) {
    nrecords += 1;
    for (const { index, key } of entriesOf(collection, document)) {
      if (disk.entries.get(key)) owned.set(index.id, (owned.get(index.id) ?? 0) + 1);
      else errors.push(`no entry in ${index.name} for a document`);
    }
  }
  const keysPerIndex: Doc = {};
  for (const index of collection.indexes) {
    const start = indexPrefix(index);
    const n = index.name === ID_INDEX ? nrecords : disk.entries.getKeysCount({ start, end: after(start) });
    keysPerIndex[index.name] = n;
    if (index.name !== ID_INDEX && n > (owned.get(index.id) ?? 0))
      errors.push(`${index.name} has entries without a document`);
  }
  return {
    nrecords,
    nIndexes: collection.indexes.length,
    keysPerIndex,
    valid: errors.length === 0,
    errors: errors.slice(0, ERRORS_SHOWN),
    warnings: [],
  };
}
