import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Db, MongoClient } from 'mongodb';
import { type EmbeddedStore, openEmbedded } from '../../../src/store/embedded/embedded';
import type { Doc } from '../../../src/store/embedded/semantics';
import { reading, writing } from './commands';
import { DEVIATIONS, errorOfMany, explained } from './deviations';
import type { Difference } from './deviations/difference';
import { documents } from './documents';
import { answerOf, connect, same, spelled } from './servers';

/**
 * The same commands through the stock driver to the embedded server and to the independent engine (`npm run
 * test:reference`), over all BSON types; answers are compared byte for byte. Where they differ MongoDB's manual decides, and
 * what the reference does otherwise stands in deviations.ts by name. Runs by hand: DIFFERENTIAL_SEED, DIFFERENTIAL_RUNS.
 */
const REFERENCE = process.env['GATEFOLD_REFERENCE_URI'];
const SEED = Number(process.env['DIFFERENTIAL_SEED'] ?? 20_261_127);
const RUNS = Number(process.env['DIFFERENTIAL_RUNS'] ?? 60);

const named = (command: Doc, name: string): Doc => ({ ...command, [Object.keys(command)[0] ?? '']: name });
const contents = (name: string): Doc => ({ find: name, sort: { _id: 1 }, batchSize: 1000 });

/** Collections that differ by their indexes alone. */
const INDEXES: Doc[][] = [
  [],
  [{ key: { a: 1 } }],
  [{ key: { a: 1, b: -1 } }],
  [{ key: { 'a.b': 1 } }, { key: { b: 1 } }],
  [{ key: { a: -1 }, sparse: true }, { key: { c: -1, a: 1 } }],
  [{ key: { b: 1 }, partialFilterExpression: { a: { $gt: 0 } } }],
  [{ key: { a: 1 }, unique: true }],
];

const scenario = fc.record({
  documents,
  other: documents,
  indexes: fc.nat(INDEXES.length - 1),
  reads: fc.array(reading, { minLength: 10, maxLength: 10 }),
  writes: fc.array(writing, { minLength: 5, maxLength: 5 }),
});

jest.setTimeout(24 * 3_600_000);

(REFERENCE ? describe : describe.skip)('the embedded server and the reference', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatefold-differential-'));
  let store: EmbeddedStore;
  let clients: MongoClient[];
  let ours: Db;
  let theirs: Db;

  beforeAll(async () => {
    store = await openEmbedded({ dataDir: folder });
    const [here, there] = await Promise.all([connect(store.uri), connect(REFERENCE ?? '')]);
    clients = [here, there];
    [ours, theirs] = [here.db('differential'), there.db(`differential_${process.pid}`)];
    for (const [i, indexes] of INDEXES.entries()) {
      for (const db of [ours, theirs]) {
        await db.command({ create: `docs${i}` });
        const named = indexes.map((one, n) => ({ ...one, name: `index${n}` }));
        if (named.length > 0) await db.command({ createIndexes: `docs${i}`, indexes: named });
      }
    }
    for (const db of [ours, theirs]) {
      await db.command({ createIndexes: 'other', indexes: [{ key: { b: 1 }, name: 'b' }] });
    }
  });
  afterAll(async () => {
    await theirs.dropDatabase();
    await Promise.all(clients.map((one) => one.close()));
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const both = (command: Doc): Promise<[Doc, Doc]> => Promise.all([answerOf(ours, command), answerOf(theirs, command)]);

  /** The same documents in both, without those that one of them does not take. */
  async function loaded(name: string, docs: Doc[]): Promise<Difference[]> {
    await both({ delete: name, deletes: [{ q: {}, limit: 0 }] });
    const command = { insert: name, documents: docs, ordered: false };
    const [here, there] = await both(command);
    const kept = (await answerOf(ours, contents(name)))['documents'] as Doc[];
    await answerOf(theirs, {
      delete: name,
      deletes: [{ q: { _id: { $nin: kept.map((one) => one['_id']) } }, limit: 0 }],
    });
    return judged({ documents: docs, command, ours: here, theirs: there });
  }

  async function asked(command: Doc, documents: Doc[]): Promise<Difference[]> {
    const [here, there] = await both(command);
    return judged({ documents, command, ours: here, theirs: there });
  }

  /** The answer, and what stands there afterwards. */
  async function written(command: Doc, docs: Doc[]): Promise<Difference[]> {
    const [name = ''] = Object.values(command) as string[];
    const documents = (await answerOf(ours, contents(name)))['documents'] as Doc[];
    const [here, there] = await both(command);
    const one = { documents, command, ours: here, theirs: there };
    const [after, afterThere] = await both(contents(name));
    if (same(after, afterThere) && same(here, there)) return [];
    await loaded(name, docs);
    return same(here, there) ? judged({ ...one, ours: after, theirs: afterThere, left: true }) : judged(one);
  }

  /** The difference, unless it is one of the reference's by name. */
  const judged = (difference: Difference): Difference[] =>
    same(difference.ours, difference.theirs) || errorOfMany(difference) || explained(difference) ? [] : [difference];

  test.each(DEVIATIONS.map((one) => [one.name, one] as const))('the reference: %s', async (_name, one) => {
    const [name = ''] = Object.values(one.command) as string[];
    const collection = name === 'docs' ? 'docs0' : name;
    await loaded(collection, one.documents);
    const command = named(one.command, collection);
    const [here, there] = await both(command);
    const [after, afterThere] = await both(contents(collection));
    const left = same(here, there);
    const answers = left ? { ours: after, theirs: afterThere, left } : { ours: here, theirs: there };
    const difference = { documents: one.documents, command, ...answers };
    expect(same(difference.ours, difference.theirs)).toBe(false);
    expect(explained(difference, [one])).toBe(true);
  });

  test('answer alike', async () => {
    const differences: Difference[] = [];
    for (const { documents: docs, other, indexes, reads, writes } of fc.sample(scenario, {
      numRuns: RUNS,
      seed: SEED,
    })) {
      const name = `docs${indexes}`;
      differences.push(...(await loaded(name, docs)));
      await loaded('other', other);
      const before = (await both(contents(name)))[0]['documents'] as Doc[];
      for (const command of reads) differences.push(...(await asked(named(command, name), before)));
      for (const command of writes) differences.push(...(await written(named(command, name), docs)));
    }
    const told = differences.map((d) => ({
      documents: spelled(d.documents),
      command: spelled(d.command),
      ours: spelled(d.ours),
      theirs: spelled(d.theirs),
    }));
    if (process.env['DIFFERENTIAL_OUT']) writeFileSync(process.env['DIFFERENTIAL_OUT'], JSON.stringify(told, null, 1));
    expect(told.slice(0, 5)).toEqual([]);
  });
});
