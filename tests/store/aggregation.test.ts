import { Decimal128, Double, Int32, Long } from 'bson';
import { type Db, MongoClient } from 'mongodb';

/** Aggregation on the server of the run, where types and borders matter; the expected values are the MongoDB manual's. */
type Doc = Record<string, unknown>;
type Row = Doc & { _id: Int32 };
let client: MongoClient;
let db: Db;

beforeAll(async () => {
  client = await MongoClient.connect(process.env['GATEFOLD_TEST_URI'] ?? '', { promoteValues: false });
  db = client.db('aggregation_test');
});
afterAll(async () => {
  await db.dropDatabase();
  await client.close();
});

const over = async (documents: Doc[], ...stages: Doc[]): Promise<Doc[]> => {
  const collection = db.collection<Row>('over');
  await collection.deleteMany({});
  if (documents.length > 0) await collection.insertMany(documents.map((one, i) => ({ _id: new Int32(i), ...one })));
  return collection.aggregate<Doc>(stages).toArray();
};

/** The code of the error that stages end with. */
const codeOf = async (documents: Doc[], ...stages: Doc[]): Promise<number> =>
  over(documents, ...stages).then(
    () => 0,
    ({ code }) => Number(code),
  );

/** How many documents the embedded server reads for stages, of whatever collection. */
const readBy = async (documents: Doc[], ...stages: Doc[]): Promise<number> => {
  await over(documents);
  const explain = { aggregate: 'over', pipeline: stages, cursor: {} };
  const { executionStats } = await db.command({ explain, verbosity: 'executionStats' });
  return Number(executionStats.totalDocsExamined);
};

/** The value of an expression on one document. */
const value = async (expression: unknown, document: Doc = {}): Promise<unknown> => {
  const [found] = await over([document], { $project: { _id: 0, value: expression } });
  return found?.['value'];
};

const [BERLIN, KOLKATA] = ['Europe/Berlin', 'Asia/Kolkata'];
const int = (n: number) => new Int32(n);
const date = (text: string) => new Date(text);

test('a value that is a boundary is in the bucket above it', async () => {
  const found = await over(
    [
      { a: int(0) },
      { a: new Double(49.9) },
      { a: Long.fromNumber(50) },
      { a: Decimal128.fromString('50.0') },
      { a: 100 },
    ],
    { $bucket: { groupBy: '$a', boundaries: [0, 50, 100], default: 'rest', output: { n: { $sum: 1 } } } },
  );
  expect(found).toEqual([
    { _id: int(0), n: int(2) },
    { _id: int(50), n: int(2) },
    { _id: 'rest', n: int(1) },
  ]);
  expect(await codeOf([{ a: 100 }], { $bucket: { groupBy: '$a', boundaries: [0, 50] } })).toBe(40066);
  expect(await codeOf([], { $bucket: { groupBy: '$a', boundaries: [50, 0] } })).toBe(40194);
});

test.each<[string, unknown[], unknown]>([
  ['ints to an int', [int(1), int(2)], int(3)],
  ['ints that outgrow themselves to a long', [int(2 ** 31 - 1), int(1)], Long.fromNumber(2 ** 31)],
  ['longs to a long', [Long.fromString('9007199254740993'), int(1)], Long.fromString('9007199254740994')],
  ['longs that overflow to a double', [Long.MAX_VALUE, Long.MAX_VALUE], new Double(2 ** 64)],
  ['a decimal to a decimal', [Decimal128.fromString('0.1'), Long.fromNumber(2), int(1)], Decimal128.fromString('3.1')],
  ['doubles without losing small ones', [new Double(1e16), new Double(1), new Double(-1e16)], new Double(1)],
  [
    'infinite doubles and decimals to infinity',
    [new Double(Number.POSITIVE_INFINITY), Decimal128.fromString('Infinity')],
    Decimal128.fromString('Infinity'),
  ],
  ['nothing but what is no number to zero', ['a', null, true], int(0)],
])('$sum of %s', async (_name, values, expected) => {
  const rows = values.map((a) => ({ a }));
  expect(await over(rows, { $group: { _id: null, total: { $sum: '$a' } } })).toEqual([{ _id: null, total: expected }]);
  expect(await value({ $sum: '$list' }, { list: values })).toEqual(expected);
});

test('$avg of decimals is exact, of nothing null; $min and $max go by the order of types', async () => {
  const decimals = [{ a: Decimal128.fromString('0.1') }, { a: Decimal128.fromString('0.2') }, { b: 1 }];
  expect(
    await over(decimals, { $group: { _id: null, a: { $avg: '$a' }, c: { $avg: '$c' }, min: { $min: '$a' } } }),
  ).toEqual([{ _id: null, a: Decimal128.fromString('0.15'), c: null, min: Decimal128.fromString('0.1') }]);
});

test.each<[string, Doc, string]>([
  ['day over midnight in Berlin', { unit: 'day', timezone: BERLIN, date: date('2024-07-01T23:30:00Z') }, '2024-07-01T22:00:00Z'], // biome-ignore format: one line
  ['day in winter', { unit: 'day', timezone: BERLIN, date: date('2024-01-01T22:59:59Z') }, '2023-12-31T23:00:00Z'],
  ['the day of 23 hours', { unit: 'day', timezone: BERLIN, date: date('2024-03-31T12:00:00Z') }, '2024-03-30T23:00:00Z'], // biome-ignore format: one line
  ['the day of 25 hours', { unit: 'day', timezone: BERLIN, date: date('2024-10-27T22:30:00Z') }, '2024-10-26T22:00:00Z'], // biome-ignore format: one line
  ['an hour where it begins at half past', { unit: 'hour', timezone: KOLKATA, date: date('2024-05-05T10:40:00Z') }, '2024-05-05T10:30:00Z'], // biome-ignore format: one line
  ['a week from Sunday', { unit: 'week', date: date('2024-05-08T10:00:00Z') }, '2024-05-05T00:00:00Z'],
  ['a week from Monday', { unit: 'week', startOfWeek: 'monday', date: date('2024-05-05T10:00:00Z') }, '2024-04-29T00:00:00Z'], // biome-ignore format: one line
  ['a month', { unit: 'month', timezone: BERLIN, date: date('2024-03-31T22:30:00Z') }, '2024-03-31T22:00:00Z'],
  ['two quarters', { unit: 'quarter', binSize: 2, date: date('2024-05-05T00:00:00Z') }, '2024-01-01T00:00:00Z'],
  ['before the year 2000', { unit: 'year', binSize: 10, date: date('1999-12-31T00:00:00Z') }, '1990-01-01T00:00:00Z'],
  ['a quarter of an hour', { unit: 'minute', binSize: 15, date: date('2024-05-05T00:29:59Z') }, '2024-05-05T00:15:00Z'],
])('$dateTrunc: %s', async (_name, argument, expected) => {
  expect(await value({ $dateTrunc: argument })).toEqual(date(expected));
});

test.each<[Doc, unknown]>([
  [{ $dateAdd: { startDate: date('2024-01-31T10:00:00Z'), unit: 'month', amount: 1 } }, date('2024-02-29T10:00:00Z')],
  [{ $dateAdd: { startDate: date('2024-03-30T22:30:00Z'), unit: 'day', amount: 1, timezone: BERLIN } }, date('2024-03-31T21:30:00Z')], // biome-ignore format: one line
  [{ $dateDiff: { startDate: date('2024-12-31T23:59:00Z'), endDate: date('2025-01-01T00:00:00Z'), unit: 'year' } }, Long.fromNumber(1)], // biome-ignore format: one line
  [{ $dateToString: { date: date('2024-12-30T23:30:00Z'), format: '%G-W%V %H:%M %z', timezone: BERLIN } }, '2025-W01 00:30 +0100'], // biome-ignore format: one line
  [{ $add: [int(2 ** 31 - 1), int(1)] }, Long.fromNumber(2 ** 31)],
  [{ $multiply: [Long.MAX_VALUE, int(2)] }, new Double(2 ** 64)],
  [{ $divide: [int(1), Decimal128.fromString('3')] }, Decimal128.fromString('0.3333333333333333333333333333333333')],
  [{ $subtract: [date('2024-01-02T00:00:00Z'), date('2024-01-01T00:00:00Z')] }, Long.fromNumber(86_400_000)],
  [{ $round: [new Double(2.5)] }, new Double(2)],
  [{ $round: [new Double(1.005), 2] }, new Double(1)],
  [{ $gt: ['$missing', null] }, false],
  [{ $lt: ['$missing', null] }, true],
  [{ $toString: new Double(1) }, '1'],
  [{ $substrCP: ['h😀llo', 1, 2] }, '😀l'],
  [{ $map: { input: [int(1), int(2)], in: { $multiply: ['$$this', 2] } } }, [int(2), int(4)]],
  [{ $type: '$missing' }, 'missing'],
])('%j', async (expression, expected) => {
  expect(await value(expression)).toEqual(expected);
});

test('$lookup by an index, and by a pipeline with variables', async () => {
  const foreign = db.collection<Row>('foreign');
  await foreign.insertMany(Array.from({ length: 300 }, (_, i) => ({ _id: int(i), k: int(i % 100), n: int(i) })));
  await foreign.createIndex({ k: 1 });
  const lookup = { from: 'foreign', localField: 'k', foreignField: 'k', as: 'found' };
  const [one] = await over([{ k: [int(1), int(2)] }], { $lookup: lookup }, { $project: { n: { $size: '$found' } } });
  expect(one).toEqual({ _id: int(0), n: int(6) });
  expect(await readBy([{ k: [int(1), int(2)] }], { $lookup: lookup })).toBe(1 + 6);
  expect(await readBy([{ n: int(1) }], { $lookup: { ...lookup, localField: 'n', foreignField: 'n' } })).toBe(1 + 300);
  const pipeline = [{ $match: { $expr: { $gt: ['$n', '$$least'] } } }, { $count: 'n' }];
  const [two] = await over(
    [{ k: int(5), least: int(100) }],
    { $lookup: { ...lookup, let: { least: '$least' }, pipeline, as: 'a.b' } },
    { $project: { a: 1 } },
  );
  expect(two).toEqual({ _id: int(0), a: { b: [{ n: int(2) }] } });
});

test.each<[string, Doc, number]>([
  ['an unknown expression', { $project: { a: { $nothing: 1 } } }, 31325],
  ['an unknown variable', { $match: { $expr: '$$nobody' } }, 17276],
  ['division by zero', { $project: { a: { $divide: [1, 0] } } }, 2],
  ['a time zone that is none', { $project: { a: { $year: { date: '$d', timezone: 'Mars/Base' } } } }, 40485],
  ['a sum with text', { $project: { a: { $add: ['$t', 1] } } }, 14],
])('%s is refused', async (_name, stage, code) => {
  expect(await codeOf([{ d: new Date(0), t: 'x' }], stage)).toBe(code);
});

test.each<[unknown, unknown]>([
  // A whole double that an int can hold counts as one, as MongoDB's shell sends every number as a double.
  [{ $mod: [int(7), new Double(4)] }, int(3)],
  [{ $mod: [int(7), new Double(2 ** 53)] }, new Double(7)],
  [{ $subtract: [new Double(-0), int(0)] }, new Double(-0)],
  [{ $subtract: [Decimal128.fromString('-0'), int(0)] }, Decimal128.fromString('-0')],
  [{ $subtract: [Long.MIN_VALUE, int(1)] }, new Double(-(2 ** 63))],
  [{ $subtract: [int(-1), Long.MIN_VALUE] }, Long.MAX_VALUE],
  [{ $pow: [int(-1), int(-3)] }, int(-1)],
  [{ $pow: [int(1), Long.fromNumber(99)] }, Long.fromNumber(1)],
  [{ $toDecimal: new Double(2 ** 53) }, Decimal128.fromString('9.00719925474099E+15')],
  [{ $replaceAll: { input: '😀é', find: '', replacement: '-' } }, '-😀-é-'],
])('%j is %j', async (expression, expected) => {
  expect(await value(expression)).toEqual(expected);
});

test.each<[unknown, number]>([
  [{ $add: [date('2026-01-01'), new Double(Number.POSITIVE_INFINITY)] }, 15],
  [{ $subtract: [date('2026-01-01'), new Double(1e300)] }, 15],
  [{ $mod: [int(1), 'x'] }, 16611],
])('%j is refused with %d', async (expression, code) => {
  expect(await codeOf([{}], { $project: { value: expression } })).toBe(code);
});
