import { BSON } from 'bson';
import { type Db, MongoClient } from 'mongodb';
import { compareValues, type Doc } from '../../../src/store/embedded/semantics';
import { kindOf } from '../../../src/store/embedded/semantics/values';

/** The independent engine of `npm run test:reference`, on which the same is run and compared. */
export const REFERENCE = process.env['GATEFOLD_REFERENCE_URI'];
const AS_STORED = { promoteValues: false, promoteBuffers: false, promoteLongs: false, bsonRegExp: true };

export async function connect(name: string): Promise<{ client: MongoClient; db: Db }> {
  const client = await new MongoClient(REFERENCE ?? '', { ...AS_STORED, ignoreUndefined: false }).connect();
  return { client, db: client.db(name) };
}

/** A document as the embedded store would read it from the wire. */
export function overTheWire(doc: Doc): Doc {
  return BSON.deserialize(BSON.serialize(doc, { ignoreUndefined: false }), AS_STORED);
}

/** What came of a call: a value, or the code of the error. */
export type Outcome<T> = { value: T } | { code: number; message: string };

export async function outcomeOf<T>(run: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await run() };
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    if (code === undefined) throw error;
    return { code: Number(code), message };
  }
}

/** A value spelled out for comparison, fields in alphabetical order: the reference appends new fields in another order. */
export function canonical(value: unknown): string {
  const kind = kindOf(value);
  if (kind === 'array') return `[${(value as unknown[]).map(canonical).join()}]`;
  if (kind !== 'object') return `${kind} ${BSON.EJSON.stringify({ value }, { relaxed: false })}`;
  const fields = Object.entries(value as Doc).sort(([a], [b]) => compareValues(a, b));
  return `{${fields.map(([name, inner]) => `${name}: ${canonical(inner)}`).join()}}`;
}
