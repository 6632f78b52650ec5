import fc from 'fast-check';
import { type Collection, type Document, Long, MongoClient } from 'mongodb';

jest.setTimeout(180_000);

/** With any indexes, any query finds what a scan of everything finds. */
const uri = process.env['GATEFOLD_TEST_URI'] ?? '';
let client: MongoClient;
let indexed: Collection<Document>;
let plain: Collection<Document>;

beforeAll(async () => {
  client = await MongoClient.connect(uri, { serverSelectionTimeoutMS: 5000, promoteLongs: false });
  indexed = client.db('planner').collection('indexed');
  plain = client.db('planner').collection('plain');
});

afterAll(async () => {
  await client.db('planner').dropDatabase();
  await client.close();
});

const value = fc.oneof(
  { arbitrary: fc.integer({ min: -3, max: 5 }), weight: 6 },
  { arbitrary: fc.constantFrom('', 'a', 'ab', 'b', 'B', 'é', 'z'.repeat(700), `${'z'.repeat(700)}y`), weight: 4 },
  { arbitrary: fc.constantFrom(null, true, false, 1.5, Number.NaN, Number.POSITIVE_INFINITY), weight: 2 },
  { arbitrary: fc.constantFrom(new Date(0), new Date(5), Long.fromNumber(3), Long.MAX_VALUE), weight: 2 },
);
const field = fc.oneof(
  { arbitrary: value, weight: 8 },
  { arbitrary: fc.array(value, { maxLength: 3 }), weight: 2 },
  { arbitrary: fc.record({ x: value }), weight: 1 },
);
const documents = fc.array(fc.record({ a: field, b: field, c: field }, { requiredKeys: [] }), {
  minLength: 5,
  maxLength: 40,
});

const path = fc.constantFrom('a', 'b', 'c', 'a.x');
const direction = fc.constantFrom(1, -1);
const index = fc.record({
  key: fc.uniqueArray(fc.tuple(path, direction), { selector: ([name]) => name[0], minLength: 1, maxLength: 3 }),
  options: fc.constantFrom(
    {},
    {},
    {},
    { sparse: true },
    { partialFilterExpression: { a: { $gt: 0 } } },
    { partialFilterExpression: { b: { $exists: true } } },
  ),
});
const condition = fc.oneof(
  value,
  fc.record({ $gt: value }),
  fc.record({ $gte: value, $lt: value }),
  fc.record({ $lte: value }),
  fc.record({ $in: fc.array(value, { minLength: 1, maxLength: 3 }) }),
  fc.constantFrom<Document>({ $exists: true }, { $exists: false }, { $ne: 1 }, { $eq: null }, { $in: [null, 1] }),
);
const query = fc.record({
  filter: fc.dictionary(path, condition, { maxKeys: 3 }),
  sort: fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), direction), {
    selector: ([name]) => name,
    maxLength: 2,
  }),
  skip: fc.constantFrom(0, 0, 2),
  limit: fc.constantFrom(0, 0, 3, 7),
});

test('planned and scanned agree on random documents, indexes and queries', async () => {
  const world = fc.record({
    documents,
    indexes: fc.array(index, { minLength: 1, maxLength: 3 }),
    queries: fc.array(query, { minLength: 8, maxLength: 8 }),
  });
  await fc.assert(
    fc.asyncProperty(world, async ({ documents: rows, indexes, queries }) => {
      await indexed.insertOne({});
      await indexed.dropIndexes();
      for (const collection of [indexed, plain]) {
        await collection.deleteMany({});
        await collection.insertMany(rows.map((row, i) => ({ _id: i as never, ...row })));
      }
      // Fields through different arrays can't be in one index; MongoDB says so, and so do we.
      for (const { key, options } of indexes) await indexed.createIndex(new Map(key), options).catch(expectRefusal);
      for (const { filter, sort, skip, limit } of queries) {
        // By _id in the end, so that equal keys have one order.
        const order = new Map([...sort, ['_id', 1] as [string, number]]);
        const found = (collection: Collection<Document>) =>
          collection
            .find(filter, { sort: order as never, skip, limit })
            .map(({ _id }) => _id)
            .toArray()
            // Two arrays can't be sorted by at once; both must say so.
            .catch(({ code }: { code?: number }) => code);
        expect({ filter, sort, ids: await found(indexed) }).toEqual({ filter, sort, ids: await found(plain) });
        const unsorted = async (collection: Collection<Document>) =>
          (
            await collection
              .find(filter)
              .map(({ _id }) => Number(_id))
              .toArray()
          ).sort((x, y) => x - y);
        expect(await unsorted(indexed)).toEqual(await unsorted(plain));
      }
    }),
    { numRuns: 120, seed: 20261124 },
  );
});

function expectRefusal(error: { code?: number }): void {
  expect([171, 85, 86]).toContain(error.code);
}

test.each([
  [{ a: 1 }, {}, 'IXSCAN'],
  [{ a: 1, b: { $gt: 2 } }, { b: -1 }, 'IXSCAN'],
  [{ b: 1 }, {}, 'COLLSCAN'],
  [{}, { a: 1, b: 1 }, 'IXSCAN'],
])('explain says how %j sorted by %j is found: %s', async (filter, sort, stage) => {
  if (!uri.includes('.sock')) return;
  const collection = client.db('planner').collection<Document>('explained');
  await collection.createIndex({ a: 1, b: 1 });
  await collection.insertMany([
    { a: 1, b: 3 },
    { a: 1, b: 1 },
    { a: 2, b: 5 },
  ]);
  const plan = await collection.find(filter, { sort: sort as never }).explain('queryPlanner');
  expect(JSON.stringify(plan['queryPlanner'].winningPlan)).toContain(stage);
});
