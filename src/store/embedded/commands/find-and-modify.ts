import { evaluator, withLet } from '../expressions';
import { compileProjection, type Doc, StoreError } from '../semantics';
import { apply, changeOf, filterOf, insertFor } from './change';
import { asDoc, type Command, collectionName, expectFields, isTrue, refuseCollation } from './command';
import { checkHint } from './read';

const FIND_AND_MODIFY = ['query', 'sort', 'remove', 'update', 'new', 'fields', 'upsert', 'arrayFilters', 'hint', 'collation', 'bypassDocumentValidation', 'let']; // biome-ignore format: a list of names

/** One document found, changed and shown, in one transaction. */
export const findAndModify: Command = async (body, context) => {
  const { engine, db } = context;
  expectFields(body, FIND_AND_MODIFY);
  refuseCollation(body);
  const name = collectionName(body);
  const [removes, upsert] = [isTrue(body['remove'] ?? false), isTrue(body['upsert'] ?? false)];
  if (removes === (body['update'] !== undefined))
    throw new StoreError(9, 'Either an update or remove=true must be specified');
  const query = asDoc(body['query']);
  const { update, arrayFilters } = body;
  const change = removes ? null : changeOf({ query, update, arrayFilters, upsert }, body, context);
  const variables = withLet(asDoc(body['let']));
  const filter = change?.filter ?? filterOf(query, variables);
  checkHint(body, engine.catalogue.find(db, name));
  const project = compileProjection(asDoc(body['fields']), { filter, expr: evaluator(variables) });
  if (upsert) await engine.ensure(db, name);
  const show = (document: Doc | null) => (document ? project(document) : null);
  return engine.writer.write(() => {
    const collection = engine.catalogue.find(db, name);
    const [found] = collection
      ? engine.find(collection, { filter: query, sort: asDoc(body['sort']), limit: 1 }, filter)
      : [];
    if (collection && found && change) {
      const after = apply(engine, collection, found, change) ?? found.document;
      const value = show(isTrue(body['new'] ?? false) ? after : found.document);
      return { lastErrorObject: { n: 1, updatedExisting: true }, value, ok: 1 };
    }
    if (collection && found) {
      engine.documents.remove(collection, found.key, found.document);
      return { lastErrorObject: { n: 1 }, value: show(found.document), ok: 1 };
    }
    if (!collection || !change?.upsert) return notFound(removes);
    const made = insertFor(engine, collection, change);
    const value = isTrue(body['new'] ?? false) ? show(made) : null;
    return { lastErrorObject: { n: 1, updatedExisting: false, upserted: made['_id'] }, value, ok: 1 };
  });
};

const notFound = (removes: boolean): Doc => ({
  lastErrorObject: removes ? { n: 0 } : { n: 0, updatedExisting: false },
  value: null,
  ok: 1,
});
