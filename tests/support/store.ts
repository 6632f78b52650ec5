import { randomBytes } from 'node:crypto';
import type { CommandStartedEvent } from 'mongodb';
import mongoose from 'mongoose';
import { newQueries, note } from './queries';

/**
 * Binds mongoose to a fresh database of the run's store for this test file, with all indexes built, and drops it after.
 * Call at the top of a file, after the imports that define the models. The file fails when the rooms asked the store
 * something that is not on the list of queries.
 */
export function useStore(): void {
  beforeAll(async () => {
    const uri = process.env['GATEFOLD_TEST_URI'];
    if (!uri) throw new Error('GATEFOLD_TEST_URI is missing: run through jest.config.mjs');
    const dbName = `test_${randomBytes(6).toString('hex')}`;
    await mongoose.connect(uri, { dbName, serverSelectionTimeoutMS: 5000, monitorCommands: true });
    mongoose.connection.getClient().on('commandStarted', note).on('commandStarted', noteWrite);
    forgetNothing();
    await Promise.all(Object.values(mongoose.models).map((model) => model.init()));
  });
  afterAll(async () => {
    await mongoose.connection.dropDatabase();
    await mongoose.disconnect();
    // New queries are put down by `npm run store:queries`, where the change is seen.
    expect(newQueries()).toEqual([]);
  });
}

/**
 * Tests set a clock of their own, and the store has the real one: what is good until tomorrow by the first may be over by
 * the second, and the store would take it away in the middle of a test. So here nothing is forgotten for its age.
 */
function forgetNothing(): void {
  for (const { schema } of Object.values(mongoose.models)) {
    for (const [, options] of schema.indexes()) delete options.expireAfterSeconds;
  }
}

const WRITES = ['insert', 'update', 'findAndModify'];
const written = new Set<string>();

function noteWrite({ commandName, command }: CommandStartedEvent): void {
  if (WRITES.includes(commandName)) written.add(String(command[commandName]));
}

/**
 * Empties every collection that was written since, and keeps the indexes, for `beforeEach`; compiled masters stay, as
 * content-addressed files do. What other processes write is not seen: see `emptyWholeStore`.
 */
export async function emptyStore(): Promise<void> {
  const models = Object.values(mongoose.models).filter(({ modelName }) => modelName !== 'Master');
  const full = models.filter(({ collection }) => written.has(collection.name));
  written.clear();
  await Promise.all(full.map((model) => model.deleteMany({})));
}

/** The same where other processes have written. */
export async function emptyWholeStore(): Promise<void> {
  for (const { collection } of Object.values(mongoose.models)) written.add(collection.name);
  await emptyStore();
}
