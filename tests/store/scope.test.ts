import { randomBytes } from 'node:crypto';
import mongoose, { type Model } from 'mongoose';
import { createApp } from '../../src/app';
import { type OwnedBy, ownerOf } from '../../src/store/owned';
import { asHouse, asSponsor, inThisScope, keepScope, refuseUnscoped } from '../../src/store/scope';

/** What sponsors own can't be asked for unscoped: every model that has some, every kind of operation. */

// The app brings every model there is.
expect(createApp).toBeDefined();

beforeAll(async () => {
  const dbName = `test_${randomBytes(6).toString('hex')}`;
  await mongoose.connect(process.env['GATEFOLD_TEST_URI'] ?? '', { dbName, autoIndex: false });
});
afterAll(async () => {
  refuseUnscoped(false);
  await mongoose.connection.dropDatabase();
  await mongoose.disconnect();
});

type Row = Record<string, unknown>;
// biome-ignore lint/suspicious/noExplicitAny: models of every row
type AnyModel = Model<any>;

const models = Object.values(mongoose.models) as AnyModel[];
const byOf = (one: AnyModel): OwnedBy => ownerOf(one.schema) as OwnedBy;
const covered = models.filter((one) => ownerOf(one.schema));

/** What says whose a row is, in each way of saying it. */
const VALUE: Record<OwnedBy, (sponsor: string) => Row> = {
  sponsor: (sponsor) => ({ sponsor }),
  contract: (sponsor) => ({ contract: `doors/${sponsor}` }),
  _id: (sponsor) => ({ _id: sponsor }),
  consent: (sponsor) => ({ current: { consents: [{ sponsor, given: true }] } }),
  nobody: () => ({}),
};
const rowOf = (one: AnyModel, sponsor: string): Row => ({
  _id: `${one.modelName} of ${sponsor}`,
  emailKey: sponsor,
  ...VALUE[byOf(one)](sponsor),
});
/** Looks as much like what one wants as a name can. */
const [OWN, OTHER] = ['acme', 'not-acme'];

async function seed(one: AnyModel): Promise<void> {
  await one.collection.deleteMany({});
  await one.collection.insertMany([rowOf(one, OWN), rowOf(one, OTHER)] as never[]);
}

const asAcme = <T>(run: () => PromiseLike<T>): Promise<T> => asSponsor(OWN, async () => run());
const rows = (one: AnyModel) => one.collection.find({}).sort({ _id: 1 }).toArray();
const ids = (found: Row[]) => found.map(({ _id }) => _id).sort();
const unscoped = { code: 'unscoped' };

test('every model whose rows name a sponsor or a contract is a sponsor’s own, and so are the leads', () => {
  const named = models.filter(({ schema }) => ['sponsor', 'contract'].some((path) => schema.path(path)));
  expect(named.map(({ modelName }) => modelName)).toEqual(expect.arrayContaining(['Contract', 'Settlement', 'ApiKey']));
  expect(named.filter((one) => !ownerOf(one.schema)).map(({ modelName }) => modelName)).toEqual([]);
  for (const name of ['Sponsor', 'Lead', 'Request', 'TestLead', 'LeadNote', 'Person']) {
    expect(covered.map(({ modelName }) => modelName)).toContain(name);
  }
});

describe.each(covered.map((one) => [one.modelName, one] as const))('%s', (_name, one) => {
  const by = byOf(one);
  const other = rowOf(one, OTHER);
  const mine = by === 'nobody' ? [] : [rowOf(one, OWN)['_id']];
  const writes = by !== 'consent' && by !== 'nobody';
  beforeEach(() => seed(one));

  /** The other's row, asked for in every way in which one asks for one. */
  const ways: Row[] = [
    {},
    { _id: other['_id'] },
    { ...VALUE[by](OTHER) },
    { $or: [{ _id: other['_id'] }, {}] },
    { emailKey: OTHER },
  ];

  test('reads find its sponsor’s rows only', async () => {
    expect(ids(await asAcme(() => one.find({}).lean()))).toEqual(mine);
    expect(await asAcme(() => one.countDocuments({}))).toBe(mine.length);
    expect(await asAcme(() => one.distinct('_id', {}))).toEqual(mine);
    expect(ids(await asAcme(() => one.aggregate([{ $match: {} }])))).toEqual(mine);
    expect(ids(await asAcme(() => one.aggregate([{ $match: VALUE[by](OTHER) }])))).toEqual(by === 'nobody' ? [] : []);
    expect(
      await asAcme(() =>
        one
          .find({})
          .cursor()
          .next()
          .then((row) => row?._id),
      ),
    ).toEqual(mine[0]);
    for (const way of ways.slice(1)) {
      expect(ids(await asAcme(() => one.find(way).lean()))).not.toContain(other['_id']);
      expect((await asAcme(() => one.findOne(way).lean()))?._id).not.toBe(other['_id']);
      expect((await asAcme(() => one.exists(way)))?._id).not.toBe(other['_id']);
    }
    expect(await asAcme(() => one.findById(other['_id']).lean())).toBeNull();
  });

  test('what can’t be narrowed throws', async () => {
    await expect(asAcme(() => one.estimatedDocumentCount())).rejects.toMatchObject(unscoped);
    await expect(asAcme(() => one.bulkWrite([{ deleteMany: { filter: {} } }]))).rejects.toMatchObject(unscoped);
    const stage = { from: 'leads', localField: '_id', foreignField: '_id', as: 'all' };
    for (const past of [
      { $lookup: stage },
      { $unionWith: 'leads' },
      { $out: 'x' },
      { $facet: { a: [{ $lookup: stage }] } },
    ]) {
      await expect(asAcme(() => one.aggregate([past] as never))).rejects.toMatchObject(unscoped);
    }
  });

  test('updates and deletes leave the other’s rows as they were', async () => {
    const before = (await rows(one)).find(({ _id }) => _id === other['_id']);
    const tries = (way: Row): (() => PromiseLike<unknown>)[] => [
      () => one.updateOne(way, { $set: { emailKey: 'x' } }, { strict: false }),
      () => one.updateMany(way, { $set: { emailKey: 'x' } }, { strict: false }),
      () => one.findOneAndUpdate(way, { $set: { emailKey: 'x' } }, { strict: false }),
      () => one.findOneAndReplace(way, { ...rowOf(one, OWN), _id: other['_id'] }, { strict: false }),
      () => one.replaceOne(way, { ...rowOf(one, OWN), _id: other['_id'] }, { strict: false }),
      () => one.updateOne({ _id: 'new', ...way }, { $set: { emailKey: 'x' } }, { strict: false, upsert: true }),
      () => one.findOneAndDelete(way),
      () => one.deleteOne(way),
      () => one.deleteMany(way),
      () => one.findByIdAndDelete(other['_id']),
    ];
    for (const way of ways) {
      for (const attempt of tries(way)) {
        const failed = await asAcme(attempt).then(
          () => null,
          (error: { code?: string }) => error,
        );
        if (!writes) expect(failed).toMatchObject(unscoped);
        expect((await rows(one)).find(({ _id }) => _id === other['_id'])).toEqual(before);
      }
    }
    expect((await rows(one)).map(({ _id }) => _id)).toContain(other['_id']);
  });

  test('nothing is made for another, nor given to one', async () => {
    const foreign = { ...rowOf(one, OTHER), ...(by !== '_id' && { _id: 'made' }) };
    await expect(
      asAcme(() => new one(foreign, null, { strict: false } as never).save({ validateBeforeSave: false })),
    ).rejects.toMatchObject(unscoped);
    await expect(asAcme(() => one.insertMany([foreign], { rawResult: true }))).rejects.toThrow();
    await expect(
      asAcme(() => one.updateOne({ _id: 'made', ...VALUE[by](OTHER) }, { $set: { emailKey: 'x' } }, { upsert: true })),
    ).rejects.toMatchObject(unscoped);
    expect(await rows(one)).toHaveLength(2);
    if (by !== 'sponsor' && by !== 'contract') return;
    const give = VALUE[by](OTHER);
    for (const change of [
      { $set: give },
      give,
      { $unset: { [by]: '' } },
      { $rename: { [by]: 'x' } },
      { $rename: { x: by } },
    ]) {
      await expect(asAcme(() => one.updateMany({}, change as never))).rejects.toMatchObject(unscoped);
    }
    await expect(asAcme(() => one.replaceOne({}, { ...rowOf(one, OWN), ...give } as never))).rejects.toMatchObject(
      unscoped,
    );
    await expect(
      asAcme(() => one.updateMany({}, [{ $set: give }] as never, { updatePipeline: true })),
    ).rejects.toMatchObject(unscoped);
    expect(await rows(one)).toHaveLength(2);
  });

  test('outside, the house reaches all, and where requests are served it has to say so', async () => {
    expect(await one.find({}).lean()).toHaveLength(2);
    refuseUnscoped();
    try {
      await expect((async () => one.find({}).lean())()).rejects.toMatchObject(unscoped);
      await expect((async () => one.deleteMany({}))()).rejects.toMatchObject(unscoped);
      expect(await asHouse(async () => one.find({}).lean())).toHaveLength(2);
      expect(ids(await asAcme(() => one.find({}).lean()))).toEqual(mine);
    } finally {
      refuseUnscoped(false);
    }
  });
});

test('one’s own rows are made, changed and taken out as before', async () => {
  const contracts = mongoose.models['Contract'] as AnyModel;
  await contracts.collection.deleteMany({});
  const terms = { campaign: 'doors', sponsor: OWN, filters: [], overflow: 'hold' };
  await asAcme(async () => {
    await contracts.create({ _id: 'doors/acme', ...terms });
    await contracts.updateOne({ _id: 'doors/acme' }, { $set: { cap: 7 } });
    expect(await contracts.findOne({ campaign: 'doors' }).lean()).toMatchObject({ cap: 7 });
    await contracts.updateOne({ _id: 'keys/acme', sponsor: OWN }, { $set: { cap: 1 } }, { upsert: true });
    await contracts.deleteOne({ _id: 'doors/acme' });
  });
  expect(ids(await rows(contracts))).toEqual(['keys/acme']);
});

test('a stream that somebody else reads on stays in the scope that it began in', async () => {
  const sponsors = mongoose.models['Sponsor'] as AnyModel;
  await seed(sponsors);
  async function* each(): AsyncGenerator<number> {
    for (;;) yield await sponsors.countDocuments({});
  }
  const [plain, kept, scoped] = asSponsor(OWN, () => [each(), inThisScope(each()), keepScope()] as const);
  const next = async (source: AsyncGenerator<number>) => (await source.next()).value;
  // A plain one is read in the scope of whoever reads it: that is why there is the other.
  expect([await next(plain), await next(kept), await next(kept)]).toEqual([2, 1, 1]);
  expect(await scoped(async () => sponsors.countDocuments({}))).toBe(1);
});
