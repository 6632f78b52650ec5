import { Readable } from 'node:stream';
import {
  type AnyBulkWriteOperation,
  type AnyClientBulkWriteModel,
  type Collection,
  type Db,
  type Document,
  GridFSBucket,
  type MongoClient,
  type ObjectId,
} from 'mongodb';
import type { Operation } from './spec.types';

/** The operations of the specification tests as calls of the driver. */
type Doc = Record<string, unknown>;

/** The arguments that calls of the driver take by position; the others are its options. */
interface Arguments {
  pipeline: Document[];
  requests: AnyBulkWriteOperation[];
  models: Record<string, Document>[];
  filter: Document;
  replacement: Document;
  update: Document;
  document: Document;
  documents: Document[];
  fieldName: string;
  keys: Record<string, 1 | -1>;
  name: string;
  model: { name: string; definition: Document };
  definition: Document;
  aggregationOptions: object;
  collection: string;
  id: ObjectId;
  filename: string;
  newFilename: string;
  /** One of the options, as an example of them. */
  comment?: Document;
  revision?: number;
  noCursorTimeout?: boolean;
}
type Run = (target: never, args: Arguments) => unknown;

/** Runs one operation on its entity. @throws what the driver throws, or Error for an operation that the runner has not */
export async function runOperation(entities: ReadonlyMap<string, unknown>, operation: Operation): Promise<unknown> {
  const run = OPERATIONS[`${kindOf(operation.object, entities)}.${operation.name}`];
  if (!run) throw new UnknownOperation(`${operation.object}.${operation.name}`);
  return run(entities.get(operation.object) as never, (operation.arguments ?? {}) as unknown as Arguments);
}

export class UnknownOperation extends Error {}

function kindOf(object: string, entities: ReadonlyMap<string, unknown>): string {
  if (object === 'testRunner') return object;
  const target = entities.get(object);
  if (target instanceof GridFSBucket) return 'bucket';
  const name = (target as object).constructor.name;
  return { MongoClient: 'client', Db: 'database', Collection: 'collection' }[name] ?? name;
}

const OPERATIONS: Record<string, Run> = {
  'collection.aggregate': (on: Collection, { pipeline, ...rest }) => on.aggregate(pipeline, rest).toArray(),
  'database.aggregate': (on: Db, { pipeline, ...rest }) => on.aggregate(pipeline, rest).toArray(),
  'collection.bulkWrite': (on: Collection, { requests, ...rest }) => on.bulkWrite(requests, rest),
  'client.clientBulkWrite': (on: MongoClient, { models, ...rest }) => on.bulkWrite(models.map(flat), rest),
  'collection.find': (on: Collection, { filter, ...rest }) => on.find(filter, rest).toArray(),
  'collection.findOne': (on: Collection, { filter, ...rest }) => on.findOne(filter, rest),
  'collection.findOneAndReplace': (on: Collection, { filter, replacement, ...rest }) =>
    on.findOneAndReplace(filter, replacement, lowerCase(rest)),
  'collection.findOneAndUpdate': (on: Collection, { filter, update, ...rest }) =>
    on.findOneAndUpdate(filter, update, lowerCase(rest)),
  'collection.findOneAndDelete': (on: Collection, { filter, ...rest }) => on.findOneAndDelete(filter, rest),
  'collection.insertOne': (on: Collection, { document, ...rest }) => on.insertOne(document, rest),
  'collection.insertMany': (on: Collection, { documents, ...rest }) => on.insertMany(documents, rest),
  'collection.replaceOne': (on: Collection, { filter, replacement, ...rest }) =>
    on.replaceOne(filter, replacement, rest),
  'collection.updateOne': (on: Collection, { filter, update, ...rest }) => on.updateOne(filter, update, rest),
  'collection.updateMany': (on: Collection, { filter, update, ...rest }) => on.updateMany(filter, update, rest),
  'collection.deleteOne': (on: Collection, { filter, ...rest }) => on.deleteOne(filter, rest),
  'collection.deleteMany': (on: Collection, { filter, ...rest }) => on.deleteMany(filter, rest),
  'collection.countDocuments': (on: Collection, { filter, ...rest }) => on.countDocuments(filter, rest),
  'collection.count': (on: Collection, { filter, ...rest }) => on.count(filter, rest),
  'collection.estimatedDocumentCount': (on: Collection, args) => on.estimatedDocumentCount(args),
  'collection.distinct': (on: Collection, { fieldName, filter, ...rest }) => on.distinct(fieldName, filter, rest),
  'collection.createIndex': (on: Collection, { keys, ...rest }) => on.createIndex(keys, rest),
  'collection.dropIndex': (on: Collection, { name, ...rest }) => on.dropIndex(name, rest),
  'collection.listIndexes': (on: Collection, args) => on.listIndexes(args).toArray(),
  'collection.createSearchIndex': (on: Collection, { model }) => on.createSearchIndex(model),
  'collection.createSearchIndexes': (on: Collection, { models }) => on.createSearchIndexes(models as never),
  'collection.dropSearchIndex': (on: Collection, { name }) => on.dropSearchIndex(name),
  'collection.updateSearchIndex': (on: Collection, { name, definition }) => on.updateSearchIndex(name, definition),
  'collection.listSearchIndexes': (on: Collection, { name, aggregationOptions }) =>
    on.listSearchIndexes(name, aggregationOptions).toArray(),
  'database.createCollection': (on: Db, { collection, ...rest }) => on.createCollection(collection, rest),
  'database.dropCollection': (on: Db, { collection, ...rest }) => on.dropCollection(collection, rest),
  'database.listCollections': (on: Db, { filter, ...rest }) => on.listCollections(filter, rest).toArray(),
  'database.modifyCollection': (on: Db, { collection, ...rest }) => on.command({ collMod: collection, ...rest }),
  'bucket.upload': (on: GridFSBucket, args) => upload(on, args),
  'bucket.download': (on: GridFSBucket, { id }) => bytesOf(on.openDownloadStream(id)),
  'bucket.downloadByName': (on: GridFSBucket, { filename, ...rest }) =>
    bytesOf(on.openDownloadStreamByName(filename, rest)),
  'bucket.delete': (on: GridFSBucket, { id }) => on.delete(id),
  'bucket.rename': (on: GridFSBucket, { id, newFilename }) => on.rename(id, newFilename),
};

/** The format says Before and After where the driver says before and after. */
function lowerCase({ returnDocument, ...rest }: Doc): object {
  const named = returnDocument === undefined ? {} : { returnDocument: String(returnDocument).toLowerCase() };
  return { ...rest, ...named };
}

/** `{insertOne: {namespace, …}}` is `{name: 'insertOne', namespace, …}` to the driver. */
function flat(model: Record<string, Document>): AnyClientBulkWriteModel<Document> {
  const [[name, fields] = ['', {}]] = Object.entries(model);
  return { name, ...fields } as AnyClientBulkWriteModel<Document>;
}

async function upload(bucket: GridFSBucket, args: Arguments): Promise<ObjectId> {
  const {
    filename,
    source,
    disableMD5: _none,
    ...rest
  } = args as unknown as { filename: string; source: Doc; disableMD5: never };
  const stream = bucket.openUploadStream(filename, rest);
  Readable.from([Buffer.from(String(source['$$hexBytes']), 'hex')]).pipe(stream);
  await new Promise((resolve, reject) => stream.on('finish', resolve).on('error', reject));
  return stream.id;
}

async function bytesOf(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
