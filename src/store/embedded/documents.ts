import { ObjectId } from 'bson';
import { type Catalogue, type Collection, ID_INDEX, type IndexSpec } from './catalogue';
import type { Disk } from './disk';
import { checkUnique, documentKey, duplicateKey, type Entry, entriesOf } from './entries';
import { Found } from './scan';
import { checkId, type Doc, StoreError, withIdFirst } from './semantics';
import { checkDocument, type Unchecked } from './validator';
import { writeDocument } from './wire';

const DOCUMENT_MAX = 16 * 1024 * 1024;

/** Reading and changing single documents. The changing ones run inside a write transaction. */
export class Documents {
  private flagsOnDisk = new WeakMap<IndexSpec, number>();

  constructor(
    private readonly disk: Disk,
    private readonly catalogue: Catalogue,
  ) {}

  find(key: Buffer): Found | undefined {
    const bytes = this.disk.documents.get(key);
    return bytes && new Found(key, bytes);
  }

  /** @throws StoreError 11000, 10334 or 2; nothing is changed then */
  insert(collection: Collection, given: Doc, options: Unchecked = {}): Doc {
    const document = withId(given);
    const id = document['_id'];
    checkId(id);
    checkDocument(collection, document, options);
    const key = documentKey(collection, id);
    if (this.disk.documents.get(key)) throw duplicateKey(collection, idIndex(collection), [id]);
    const bytes = bytesOf(document);
    this.putAll(collection, key, bytes, [], entriesOf(collection, document));
    return document;
  }

  /** Puts `after` where `before` was; the `_id` is the same. */
  replace(collection: Collection, key: Buffer, before: Doc, after: Doc, options: Unchecked = {}): void {
    checkDocument(collection, after, options);
    this.putAll(collection, key, bytesOf(after), entriesOf(collection, before), entriesOf(collection, after));
  }

  remove(collection: Collection, key: Buffer, document: Doc): void {
    this.disk.documents.remove(key);
    for (const entry of entriesOf(collection, document)) this.disk.entries.remove(entry.key);
  }

  private putAll(collection: Collection, key: Buffer, bytes: Buffer, before: Entry[], after: Entry[]): void {
    const had = namesOf(before);
    const added = had.size === 0 ? after : after.filter((entry) => !had.has(nameOf(entry)));
    checkUnique(this.disk, collection, added, key);
    this.disk.documents.put(key, bytes);
    if (had.size > 0) {
      const has = namesOf(after);
      for (const entry of before) if (!has.has(nameOf(entry))) this.disk.entries.remove(entry.key);
    }
    for (const entry of added) this.disk.entries.put(entry.key, key);
    this.keepFlags(collection, added);
  }

  /** An index that just met its first array or its first long key says so on disk, in the same transaction. */
  private keepFlags(collection: Collection, entries: Entry[]): void {
    let changed = false;
    for (const { index } of entries) {
      const now = (index.multikey ? 1 : 0) + (index.cut ? 2 : 0);
      if (now === (this.flagsOnDisk.get(index) ?? 0)) continue;
      this.flagsOnDisk.set(index, now);
      changed = true;
    }
    if (changed) this.catalogue.put(collection);
  }

  /** After a transaction that failed: its flags may not be on disk, so the next write puts them again. */
  forgetFlags(): void {
    this.flagsOnDisk = new WeakMap();
  }
}

const nameOf = (entry: Entry): string => entry.key.toString('latin1');
const namesOf = (entries: Entry[]): Set<string> => new Set(entries.map(nameOf));

/** `_id` comes first, made here when the client left it out. */
function withId(document: Doc): Doc {
  return Object.hasOwn(document, '_id') ? withIdFirst(document) : { _id: new ObjectId(), ...document };
}

function bytesOf(document: Doc): Buffer {
  const bytes = writeDocument(document);
  if (bytes.length > DOCUMENT_MAX) {
    throw new StoreError(10334, `BSONObj size: ${bytes.length} is invalid. Size must be between 0 and ${DOCUMENT_MAX}`);
  }
  return bytes;
}

function idIndex(collection: Collection): IndexSpec {
  const index = collection.indexes.find(({ name }) => name === ID_INDEX);
  if (!index) throw new Error(`${collection.name} has no ${ID_INDEX}`);
  return index;
}
