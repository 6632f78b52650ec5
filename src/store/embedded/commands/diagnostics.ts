import { type Collection, refuseView } from '../catalogue';
import { type Doc, StoreError } from '../semantics';
import { databaseStats, number, statsOf } from '../stats';
import { validate } from '../validate';
import { asNumber, type Command, type Context, collectionName, expectFields } from './command';
import { explain } from './explain';

/** The commands that say how things are. What they count, they count when they are asked. */
function collectionOf(body: Doc, { engine, db }: Context): Collection | undefined {
  const collection = engine.catalogue.find(db, collectionName(body));
  if (collection) refuseView(collection);
  return collection;
}

const validateCommand: Command = (body, context) => {
  expectFields(body, ['full', 'repair', 'metadata', 'background', 'checkBSONConformance']);
  if (body['repair'] === true) throw new StoreError(238, 'this store repairs nothing: restore a backup');
  const collection = collectionOf(body, context);
  const ns = `${context.db}.${collectionName(body)}`;
  if (!collection) throw new StoreError(26, `Collection '${ns}' does not exist to validate.`);
  return { ns, ...validate(context.engine.disk, collection), ok: 1 };
};

/** @throws StoreError 51024 for a scale below one */
function scaleOf(body: Doc): number {
  const scale = Math.floor(asNumber(body['scale'], 1));
  if (scale < 1) throw new StoreError(51024, `BSON field 'scale' value must be >= 1, actual value '${scale}'`);
  return scale;
}

const collStats: Command = (body, context) => {
  expectFields(body, ['scale', 'verbose', 'waitForLock', 'queryExecStats', 'numericOnly']);
  const collection = collectionOf(body, context);
  const ns = `${context.db}.${collectionName(body)}`;
  if (collection) return { ns, ...statsOf(context.engine, collection, scaleOf(body)), ok: 1 };
  const none = { size: 0, count: 0, numOrphanDocs: 0, storageSize: 0, totalIndexSize: 0, totalSize: 0, nindexes: 0 };
  return { ns, ...none, indexSizes: {}, indexBuilds: [], scaleFactor: number(scaleOf(body)), ok: 1 };
};

const dbStats: Command = (body, { engine, db }) => {
  expectFields(body, ['scale', 'freeStorage']);
  return databaseStats(engine, db, scaleOf(body));
};

export const DIAGNOSTIC_COMMANDS: Record<string, Command> = {
  validate: validateCommand,
  collStats,
  collstats: collStats,
  dbStats,
  dbstats: dbStats,
  explain,
};
