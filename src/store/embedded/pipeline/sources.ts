import { compileExpression } from '../expressions';
import { type Doc, isDocument, StoreError } from '../semantics';
import { statsOf } from '../stats';
import { documentArgument, type Place } from './stage';

/** The stages that only begin a pipeline: their documents are not a collection's. */
export type Source = (argument: unknown, place: Place) => Iterable<Doc>;

const documents: Source = (argument, { variables, collection }) => {
  if (collection) throw new StoreError(73, "'$documents' can only be run with {aggregate: 1}");
  const list = compileExpression(argument, variables)({});
  if (!Array.isArray(list) || !list.every(isDocument))
    throw new StoreError(5858203, 'an array is expected, with documents in it');
  return list;
};

const collStats: Source = (argument, { collection, engine, db }) => {
  const spec = documentArgument(argument, 5447000, '$collStats must take a nested object');
  for (const name of Object.keys(spec)) {
    if (name !== 'count' && name !== 'storageStats')
      throw new StoreError(238, `this store has no ${name} of $collStats`);
  }
  if (!collection) throw new StoreError(26, `Unable to retrieve storageStats in $collStats stage :: caused by :: Collection [${db}] not found.`); // biome-ignore format: one line
  const stats = statsOf(engine, collection, 1);
  return [
    {
      ns: `${db}.${collection.name}`,
      localTime: new Date(),
      ...('storageStats' in spec && { storageStats: stats }),
      ...('count' in spec && { count: stats['count'] }),
    },
  ];
};

const listLocalSessions: Source = (_argument, { collection, sessions }) => {
  if (collection) throw new StoreError(73, "'$listLocalSessions' can only be run with {aggregate: 1}");
  return sessions();
};

export const SOURCES: Readonly<Record<string, Source>> = {
  $documents: documents,
  $collStats: collStats,
  $listLocalSessions: listLocalSessions,
};
