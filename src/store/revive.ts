import { MongoClient } from 'mongodb';
import mongoose from 'mongoose';

/** Without a store for so long, somebody who comes anew looks whether it is there. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 2000;
const ANSWER_MS = 2000;

/**
 * Connects anew when the driver has lost the store for good. mongodb 7.8 waits for ever when a store is killed between a
 * connection and its first answer: its monitor never looks again, and every query fails while the store is long back
 * (found by tests/faults). Only when somebody else can reach it, so that a store that is down is left to the driver.
 * @returns ends it
 */
export function reviveWhenLost(uri: string, patience = PATIENCE_MS, look = LOOK_MS): () => void {
  let lostAt: number | undefined;
  let trying = false;
  const timer = setInterval(async () => {
    if (mongoose.connection.readyState === mongoose.ConnectionStates.connected) lostAt = undefined;
    else lostAt ??= Date.now();
    if (trying || lostAt === undefined || Date.now() - lostAt < patience) return;
    trying = true;
    await revive(uri).catch(() => undefined);
    lostAt = undefined;
    trying = false;
  }, look);
  timer.unref();
  return () => clearInterval(timer);
}

/** The same client, so that everybody who holds it goes on with it. */
async function revive(uri: string): Promise<void> {
  const somebody = await MongoClient.connect(uri, { serverSelectionTimeoutMS: ANSWER_MS });
  await somebody.close();
  const client = mongoose.connection.getClient();
  await client.close();
  await client.connect();
}
