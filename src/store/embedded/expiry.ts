import type { Engine } from './engine';
import { compileFilter } from './semantics';

/** MongoDB's own period. */
const EVERY_MS = 60_000;
const BATCH = 1000;

/** Removes what TTL indexes say is over: documents whose date is older than the index's seconds. */
export function startExpiry(engine: Engine): { stop(): void } {
  const timer = setInterval(() => void expire(engine, new Date()).catch(() => undefined), EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

export async function expire(engine: Engine, now: Date): Promise<void> {
  for (const { db, name, indexes } of engine.catalogue.list()) {
    for (const { expireAfterSeconds, key } of indexes) {
      const [path] = Object.keys(key);
      if (expireAfterSeconds === undefined || path === undefined) continue;
      const before = new Date(now.getTime() - expireAfterSeconds * 1000);
      // Comparison stays within the type, so only dates expire.
      await removeBatch(engine, db, name, { [path]: { $lte: before } });
    }
  }
}

function removeBatch(engine: Engine, db: string, name: string, query: Record<string, unknown>): Promise<void> {
  return engine.writer.write(() => {
    const collection = engine.catalogue.find(db, name);
    if (!collection) return;
    const over = [...engine.find(collection, { filter: query, limit: BATCH }, compileFilter(query))];
    for (const { key, document } of over) engine.documents.remove(collection, key, document);
  });
}
