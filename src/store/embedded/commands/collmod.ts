import { type Collection, type IndexSpec, refuseView } from '../catalogue';
import type { Engine } from '../engine';
import { changeCollection, doublesIn } from '../schema';
import { compareValues, type Doc, kindOf, StoreError } from '../semantics';
import { validationOf } from './admin';
import { asDoc, asNumber, type Command, collectionName, expectFields, isTrue } from './command';

const COLL_MOD = [
  'index',
  'validator',
  'validationLevel',
  'validationAction',
  'changeStreamPreAndPostImages',
  'dryRun',
];
const VALIDATION = ['validator', 'validationLevel', 'validationAction'];

/** `collMod`: another validator, other options of an index. */
export const collMod: Command = async (body, { engine, db }) => {
  expectFields(body, COLL_MOD);
  const at = { db, name: collectionName(body) };
  let told: Doc = {};
  await changeCollection(engine, at, (now) => {
    refuseView(now);
    const images = body['changeStreamPreAndPostImages'];
    const options = {
      ...(VALIDATION.some((field) => field in body) ? withoutValidation(now.options) : now.options),
      ...validationOf({ ...now.options, ...body }),
      ...(images !== undefined && { changeStreamPreAndPostImages: asDoc(images) }),
    };
    const index = body['index'] === undefined ? null : changedIndex(engine, now, asDoc(body['index']));
    told = index?.told ?? {};
    const indexes = index ? now.indexes.map((one) => (one.id === index.next.id ? index.next : one)) : now.indexes;
    return { ...now, options, indexes };
  });
  return { ...told, ok: 1 };
};

function withoutValidation(options: Doc): Doc {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !VALIDATION.includes(name)));
}

const INDEX = ['name', 'keyPattern', 'expireAfterSeconds', 'unique', 'prepareUnique'];

/** @throws StoreError 27 for no such index, 359 with the doubles that stand in the way of `unique` */
function changedIndex(engine: Engine, now: Collection, change: Doc): { next: IndexSpec; told: Doc } {
  const unknown = Object.keys(change).find((field) => !INDEX.includes(field));
  if (unknown !== undefined) throw new StoreError(238, `this store changes no index by ${unknown}`);
  const found = now.indexes.find(({ name, shown }) =>
    kindOf(change['keyPattern']) === 'object'
      ? compareValues(shown, change['keyPattern']) === 0
      : name === change['name'],
  );
  if (!found) throw new StoreError(27, `cannot find index ${String(change['name'] ?? JSON.stringify(change['keyPattern']))} for ns ${now.db}.${now.name}`); // biome-ignore format: one line
  const next = { ...found };
  const told: Doc = {};
  if (change['expireAfterSeconds'] !== undefined) {
    next.expireAfterSeconds = asNumber(change['expireAfterSeconds'], 0);
    if (found.expireAfterSeconds !== undefined) told['expireAfterSeconds_old'] = found.expireAfterSeconds;
    told['expireAfterSeconds_new'] = next.expireAfterSeconds;
  }
  if (change['prepareUnique'] !== undefined) next.prepareUnique = isTrue(change['prepareUnique']);
  if (isTrue(change['unique'] ?? false)) {
    if (!found.prepareUnique) throw new StoreError(72, "Cannot make index unique without 'prepareUnique: true'");
    const violations = doublesIn(engine, now, found).map((ids) => ({ ids }));
    if (violations.length > 0)
      throw new StoreError(359, 'Cannot convert the index to unique. Please resolve conflicting documents before running collMod again.', { violations }); // biome-ignore format: one line
    next.unique = true;
    next.prepareUnique = false;
    told['unique_new'] = true;
  }
  return { next, told };
}
