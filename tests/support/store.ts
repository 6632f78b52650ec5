import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';

/**
 * Binds mongoose to a fresh database of the run's store for this test file, with all indexes built, and drops it after.
 * Call at the top of a file, after the imports that define the models.
 */
export function useStore(): void {
  beforeAll(async () => {
    const uri = process.env['GATEFOLD_TEST_URI'];
    if (!uri) throw new Error('GATEFOLD_TEST_URI is missing: run through jest.config.mjs');
    await mongoose.connect(uri, { dbName: `test_${randomBytes(6).toString('hex')}`, serverSelectionTimeoutMS: 5000 });
    await Promise.all(Object.values(mongoose.models).map((model) => model.init()));
  });
  afterAll(async () => {
    await mongoose.connection.dropDatabase();
    await mongoose.disconnect();
  });
}

/** Empties every collection and keeps the indexes; for `beforeEach`. */
export async function emptyStore(): Promise<void> {
  await Promise.all(Object.values(mongoose.models).map((model) => model.deleteMany({})));
}
