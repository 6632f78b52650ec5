import { BSON } from 'bson';
import { type Db, MongoClient } from 'mongodb';
import { compareValues, type Doc, kindOf } from '../../../src/store/embedded/semantics';
import { isNumber } from '../../../src/store/embedded/semantics/values';

/** `Db.command` takes these from its own options alone: without them a double 1 would be read as the int 1. */
const AS_STORED = { promoteValues: false, promoteBuffers: false, promoteLongs: false, bsonRegExp: true };

/** For an answer that is not BSON. */
export const UNREADABLE = -1;

export async function connect(uri: string): Promise<MongoClient> {
  return new MongoClient(uri, { ...AS_STORED, ignoreUndefined: false, serverSelectionTimeoutMS: 5000 }).connect();
}

/** What a command is answered with, as far as it is promised: documents, counts, or the codes of errors. */
export async function answerOf(db: Db, command: Doc): Promise<Doc> {
  try {
    const reply = (await db.command(command, AS_STORED)) as Doc;
    return ordered(command, promised(reply));
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    if (message.startsWith('Invalid UTF-8')) return { error: UNREADABLE, message };
    if (code === undefined) throw error;
    return { error: Number(code), message };
  }
}

function promised(reply: Doc): Doc {
  const { cursor, writeErrors, n, nModified, value, values, lastErrorObject } = reply as Record<string, never>;
  const errors = (writeErrors as Doc[] | undefined)?.map(({ index, code }) => ({ index, error: Number(code) }));
  const found = cursor as Doc | undefined;
  if (errors?.length === 1 && errors[0]?.index !== undefined) {
    const [first] = (writeErrors ?? []) as Doc[];
    return { error: errors[0].error, message: String(first?.['errmsg']) };
  }
  return Object.fromEntries(
    Object.entries({ documents: found?.['firstBatch'], errors, n, nModified, value, values, lastErrorObject }).filter(
      ([, one]) => one !== undefined,
    ),
  );
}

/** Groups, sets and distinct values come in any order. */
function ordered(command: Doc, answer: Doc): Doc {
  // Of equal numbers distinct may give any.
  if (Array.isArray(answer['values'])) return { ...answer, values: [...answer['values']].sort(byBytes).map(numberOf) };
  const stages = (command['pipeline'] as Doc[] | undefined) ?? [];
  const group = stages.at(-1)?.['$group'] as Doc | undefined;
  if (!group || !Array.isArray(answer['documents'])) return answer;
  const sets = Object.entries(group).filter(([, one]) => typeof one === 'object' && one !== null && '$addToSet' in one);
  const documents = (answer['documents'] as Doc[]).map((doc) => ({
    ...doc,
    ...Object.fromEntries(sets.map(([name]) => [name, [...(doc[name] as unknown[])].sort(byBytes)])),
  }));
  return { ...answer, documents: documents.sort((a, b) => byBytes(a['_id'], b['_id'])) };
}

const numberOf = (value: unknown): unknown => (isNumber(kindOf(value)) ? Number(String(value)) + 0 : value);

const bytesOf = (value: unknown): Buffer => Buffer.from(BSON.serialize({ value }, { ignoreUndefined: false }));
const byBytes = (a: unknown, b: unknown): number => compareValues(a, b) || Buffer.compare(bytesOf(a), bytesOf(b));

/** The same down to the last byte; of errors, the same code. */
export function same(a: Doc, b: Doc): boolean {
  if ('error' in a || 'error' in b) return a['error'] === b['error'];
  return bytesOf(a).equals(bytesOf(b));
}

/** A value with its types, short: `1` int, `1.0` double, `1L` long, `1m` decimal. */
export function spelled(value: unknown): string {
  const kind = kindOf(value);
  if (kind === 'object') {
    const fields = Object.entries(value as Doc).map(([name, one]) => `${/^\$?[\w.]+$/.test(name) ? name : JSON.stringify(name)}: ${spelled(one)}`); // biome-ignore format: one line
    return `{${fields.join(', ')}}`;
  }
  if (kind === 'array') return `[${(value as unknown[]).map(spelled).join(', ')}]`;
  if (kind === 'string') return JSON.stringify(value);
  if (kind === 'date') return `Date(${Number(value)})`;
  if (kind === 'double') return `${Object.is(Number(value), -0) ? '-0' : Number(value)}d`;
  const suffix = { long: 'L', decimal: 'm' }[kind as string];
  if (suffix || kind === 'int' || kind === 'bool' || kind === 'null') return `${value}${suffix ?? ''}`;
  return BSON.EJSON.stringify({ value }).slice(9, -1);
}
