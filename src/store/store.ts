import mongoose from 'mongoose';
import { mendDriver } from './driver';
import { openEmbedded } from './embedded/embedded';

/** The open store of this process; mongoose's default connection is bound to it. */
export interface Store {
  readonly uri: string;
  /** `owner` and `guest` of the embedded server in DATA_DIR, or `remote` for MONGODB_URI. */
  readonly role: 'owner' | 'guest' | 'remote';
  close(): Promise<void>;
}

const DATABASE = 'gatefold';

/**
 * Connects mongoose to `mongodbUri` when set, else to the embedded server in `dataDir`, started or joined.
 * @throws when the store can't be reached within 10 s, or the folder belongs to a process that doesn't answer
 */
export async function openStore(options: { dataDir: string; mongodbUri?: string | undefined }): Promise<Store> {
  if (options.mongodbUri) {
    const end = await connect(options.mongodbUri);
    return { uri: options.mongodbUri, role: 'remote', close: end };
  }
  const embedded = await openEmbedded({ dataDir: options.dataDir });
  const end = await connect(embedded.uri, DATABASE);
  const close = async () => {
    await end();
    await embedded.close();
  };
  return { uri: embedded.uri, role: embedded.role, close };
}

/** Whether the store answers a ping; for `/readyz`. */
export async function storeAnswers(): Promise<boolean> {
  try {
    await mongoose.connection.db?.command({ ping: 1 });
    return mongoose.connection.readyState === mongoose.ConnectionStates.connected;
  } catch {
    return false;
  }
}

/** @returns disconnects */
async function connect(uri: string, dbName?: string): Promise<() => Promise<void>> {
  mendDriver();
  // Indexes are what promises rest on (one lead per address, one place per lead): they are built before the first request.
  await mongoose.connect(uri, { serverSelectionTimeoutMS: 10_000, ...(dbName ? { dbName } : {}) });
  await Promise.all(Object.values(mongoose.models).map((model) => model.init()));
  return () => mongoose.disconnect();
}
