import {
  BSON,
  type CommandStartedEvent,
  GridFSBucket,
  MongoBulkWriteError,
  MongoClient,
  MongoClientBulkWriteError,
  MongoServerError,
} from 'mongodb';
import { isDocument, mismatch } from './match';
import { runOperation } from './operations';
import type { EntitySpec, ExpectedError, Operation, SpecFile, SpecTest } from './spec.types';

/** Runs one specification test on a server, through the stock driver. */
type Doc = Record<string, unknown>;

/** What a test saw that it did not expect. */
class SpecFailure extends Error {}

interface World {
  entities: Map<string, unknown>;
  events: Map<string, Doc[]>;
}

/** @throws SpecFailure, or the driver's error, when the test fails */
export async function runSpecTest(uri: string, admin: MongoClient, file: SpecFile, test: SpecTest): Promise<void> {
  for (const { databaseName, collectionName, documents, createOptions } of file.initialData ?? []) {
    const db = admin.db(databaseName);
    await db.dropCollection(collectionName);
    if (documents.length === 0 || createOptions) await db.createCollection(collectionName, createOptions);
    if (documents.length > 0) await db.collection<Doc>(collectionName).insertMany(documents);
  }
  const world = await createWorld(uri, file.createEntities ?? []);
  try {
    for (const operation of test.operations) await perform(world, admin, operation);
    checkEvents(test, world);
    await checkOutcome(test, admin);
  } finally {
    for (const entity of world.entities.values()) if (entity instanceof MongoClient) await entity.close();
  }
}

async function createWorld(uri: string, specs: EntitySpec[]): Promise<World> {
  const world: World = { entities: new Map(), events: new Map() };
  for (const { client, database, collection, bucket } of specs) {
    if (client) await createClient(uri, client, world);
    if (database) {
      const owner = world.entities.get(String(database['client'])) as MongoClient;
      world.entities.set(
        database.id,
        owner.db(String(database['databaseName']), database['databaseOptions'] as object),
      );
    }
    if (collection) {
      const db = world.entities.get(String(collection['database'])) as ReturnType<MongoClient['db']>;
      const options = collection['collectionOptions'] as object;
      world.entities.set(collection.id, db.collection(String(collection['collectionName']), options));
    }
    if (bucket) {
      const db = world.entities.get(String(bucket['database'])) as ReturnType<MongoClient['db']>;
      world.entities.set(bucket.id, new GridFSBucket(db, bucket['bucketOptions'] as object));
    }
  }
  return world;
}

async function createClient(uri: string, spec: Doc, { entities, events }: World): Promise<void> {
  const client = new MongoClient(uri, { ...(spec['uriOptions'] as object), monitorCommands: true });
  const seen: Doc[] = [];
  const ignored = ['hello', 'endSessions', ...((spec['ignoreCommandMonitoringEvents'] as string[]) ?? [])];
  client.on('commandStarted', ({ commandName, command, databaseName }: CommandStartedEvent) => {
    if (!ignored.includes(commandName)) seen.push({ command: sent(command), commandName, databaseName });
  });
  entities.set(String(spec['id']), client);
  events.set(String(spec['id']), seen);
  await client.connect();
}

/** A command as it went over the wire: what the driver leaves out of the message is not in the event either. */
const sent = (command: object): unknown =>
  BSON.deserialize(BSON.serialize(command, { ignoreUndefined: true }), { promoteBuffers: false });

async function perform(world: World, admin: MongoClient, operation: Operation): Promise<void> {
  const { expectError, expectResult, saveResultAsEntity } = operation;
  if (operation.object === 'testRunner') return assertThere(admin, operation);
  const { value, error } = await outcomeOf(world, operation);
  if (expectError) return checkError(expectError, error, world);
  if (error !== undefined) throw error;
  if (saveResultAsEntity) world.entities.set(saveResultAsEntity, value);
  if (expectResult !== undefined) expectMatch(expectResult, value, world);
}

async function outcomeOf(world: World, operation: Operation): Promise<{ value?: unknown; error?: unknown }> {
  const resolved = { ...operation, arguments: withEntities(operation.arguments ?? {}, world) as Doc };
  try {
    return { value: await runOperation(world.entities, resolved) };
  } catch (error) {
    return { error };
  }
}

/** Arguments with the entities that they name. */
function withEntities(value: unknown, { entities }: World): unknown {
  if (!isDocument(value)) return value;
  const fields = Object.entries(value).map(([name, one]) => {
    const named = isDocument(one) ? one['$$matchesEntity'] : undefined;
    return [name, typeof named === 'string' ? entities.get(named) : one];
  });
  return Object.fromEntries(fields);
}

async function assertThere(admin: MongoClient, { name, arguments: args = {} }: Operation): Promise<void> {
  if (name !== 'assertCollectionExists') throw new Error(`the runner does not know ${name}`);
  const wanted = { name: String(args['collectionName']) };
  const found = await admin.db(String(args['databaseName'])).listCollections(wanted).toArray();
  if (found.length !== 1) throw new SpecFailure(`there is no collection ${wanted.name}`);
}

function expectMatch(expected: unknown, actual: unknown, world: World): void {
  const found = mismatch(expected, actual, world);
  if (found) throw new SpecFailure(found);
}

function checkError(expected: ExpectedError, thrown: unknown, world: World): void {
  // Of a bulk write of the client, the error that stopped it is asked for.
  const error = thrown instanceof MongoClientBulkWriteError ? (thrown.cause ?? thrown) : thrown;
  if (!(error instanceof Error)) throw new SpecFailure(`expected an error: ${JSON.stringify(expected)}`);
  const isServers = error instanceof MongoServerError || error instanceof MongoBulkWriteError;
  if (expected.isClientError !== undefined && expected.isClientError === isServers) throw error;
  if (expected.errorContains && !error.message.toLowerCase().includes(expected.errorContains.toLowerCase()))
    throw error;
  const { code, errorResponse, result, writeErrors } = error as unknown as Doc;
  if (expected.errorCode !== undefined && code !== expected.errorCode) throw error;
  if (expected.errorResponse) expectMatch(expected.errorResponse, errorResponse, world);
  if (expected.expectResult) expectMatch(expected.expectResult, result, world);
  for (const [index, one] of Object.entries(expected.writeErrors ?? {})) {
    expectMatch(one, [writeErrors].flat()[Number(index)], world);
  }
}

function checkEvents({ expectEvents = [] }: SpecTest, world: World): void {
  for (const { client, events, ignoreExtraEvents } of expectEvents) {
    const seen = world.events.get(client) ?? [];
    if (ignoreExtraEvents ? seen.length < events.length : seen.length !== events.length) {
      throw new SpecFailure(`${seen.length} commands were sent: ${seen.map((one) => one['commandName']).join()}`);
    }
    for (const [i, event] of events.entries()) expectEvent(event, seen[i] ?? {}, world);
  }
}

/** The command is a root of its own: a driver may send more with it. */
function expectEvent(expected: Doc, seen: Doc, world: World): void {
  const { command, ...rest } = expected['commandStartedEvent'] as Doc;
  expectMatch(rest, seen, world);
  if (command) expectMatch(command, seen['command'], world);
}

async function checkOutcome({ outcome = [] }: SpecTest, admin: MongoClient): Promise<void> {
  for (const { databaseName, collectionName, documents } of outcome) {
    const collection = admin.db(databaseName).collection<Doc>(collectionName);
    const found = await collection.find({}, { sort: { _id: 1 }, promoteBuffers: false }).toArray();
    const differs = mismatch({ documents }, { documents: found }, { entities: new Map() }, false);
    if (differs) throw new SpecFailure(`afterwards: ${differs}`);
  }
}
