import { type Document, MongoClient } from 'mongodb';

/**
 * What mongosh, Compass and the database tools send when they connect and look around. The answers are compared with what is
 * there, not with a recording.
 */
const uri = process.env['GATEFOLD_TEST_URI'] ?? '';
const embedded = uri.includes('.sock');
let client: MongoClient;
const run = (command: Document): Promise<Document> => client.db('tools').command(command);
const admin = (command: Document): Promise<Document> => client.db('admin').command(command);

(embedded ? describe : describe.skip)('the shell and the tools', () => {
  beforeAll(async () => {
    client = await MongoClient.connect(uri, { serverSelectionTimeoutMS: 5000 });
    const collection = client.db('tools').collection('things');
    await collection.insertMany(Array.from({ length: 20 }, (_, i) => ({ n: i, tag: ['a', 'b'] })));
    await collection.createIndex({ n: 1 });
    await collection.createIndex({ tag: 1 });
  });
  afterAll(async () => {
    await client.db('tools').dropDatabase();
    await client.close();
  });

  test('greeting: who and what answers', async () => {
    const hello = await admin({ hello: 1 });
    expect(hello).toMatchObject({ isWritablePrimary: true, readOnly: false, maxWireVersion: 21 });
    expect(hello).not.toHaveProperty('setName');
    expect(await admin({ buildInfo: 1 })).toMatchObject({ version: '7.0.0', storageEngines: ['lmdb'] });
    expect(await admin({ ping: 1 })).toMatchObject({ ok: 1 });
    const { authInfo } = await admin({ connectionStatus: 1, showPrivileges: true });
    expect(authInfo).toMatchObject({ authenticatedUsers: [] });
    expect(await admin({ getParameter: 1, featureCompatibilityVersion: 1 })).toMatchObject({
      featureCompatibilityVersion: { version: '7.0' },
    });
    await expect(admin({ getParameter: 1, nothingOfThisName: 1 })).rejects.toMatchObject({ code: 72 });
    expect(await admin({ getLog: 'startupWarnings' })).toMatchObject({ log: [] });
    expect((await admin({ hostInfo: 1 }))['system']).toMatchObject({ cpuAddrSize: 64 });
    expect(await admin({ getCmdLineOpts: 1 })).toMatchObject({ argv: [] });
    expect(await admin({ whatsmyuri: 1 })).toHaveProperty('you');
  });

  test('databases, collections and indexes are listed', async () => {
    const { databases } = await admin({ listDatabases: 1, nameOnly: true, filter: { name: 'tools' } });
    expect(databases).toEqual([{ name: 'tools' }]);
    const listed = await run({ listCollections: 1, nameOnly: true, authorizedCollections: true, cursor: {} });
    expect(listed['cursor'].firstBatch).toEqual([{ name: 'things', type: 'collection' }]);
    const indexes = await run({ listIndexes: 'things', cursor: {} });
    expect(indexes['cursor'].firstBatch.map(({ name }: Document) => name)).toEqual(['_id_', 'n_1', 'tag_1']);
  });

  test('statistics count what is there, and follow it', async () => {
    const before = await run({ collStats: 'things' });
    expect(before).toMatchObject({ ns: 'tools.things', count: 20, nindexes: 3, capped: false });
    const bytes = (await client
      .db('tools')
      .collection('things')
      .find({}, { raw: true })
      .toArray()) as unknown as Buffer[];
    expect(before['size']).toBe(bytes.reduce((sum, one) => sum + one.length, 0));
    expect(Object.keys(before['indexSizes'])).toEqual(['_id_', 'n_1', 'tag_1']);
    expect(before['indexSizes'].tag_1).toBeGreaterThan(before['indexSizes'].n_1);
    expect(await run({ dbStats: 1 })).toMatchObject({
      collections: 1,
      objects: 20,
      indexes: 3,
      dataSize: before['size'],
    });
    const [{ storageStats }] = (await client
      .db('tools')
      .collection('things')
      .aggregate([{ $collStats: { storageStats: {} } }])
      .toArray()) as [Document];
    expect(storageStats).toMatchObject({ count: 20, size: before['size'] });
    expect(await run({ validate: 'things', full: true })).toMatchObject({
      valid: true,
      nrecords: 20,
      nIndexes: 3,
      keysPerIndex: { _id_: 20, n_1: 20, tag_1: 40 },
    });
    await expect(run({ validate: 'nothing' })).rejects.toMatchObject({ code: 26 });
  });

  test('explain says how, and what it cost', async () => {
    const find = { find: 'things', filter: { n: { $gte: 15 } }, sort: { n: -1 } };
    const told = await run({ explain: find, verbosity: 'executionStats' });
    expect(JSON.stringify(told['queryPlanner'].winningPlan)).toMatch(/IXSCAN.*"n_1".*backward/);
    expect(told['executionStats']).toMatchObject({ nReturned: 5, totalKeysExamined: 5, totalDocsExamined: 5 });
    const scan = await run({ explain: { find: 'things', filter: { none: 1 } }, verbosity: 'executionStats' });
    expect(scan['queryPlanner'].winningPlan.stage).toBe('COLLSCAN');
    expect(scan['executionStats']).toMatchObject({ nReturned: 0, totalDocsExamined: 20 });
    const remove = { delete: 'things', deletes: [{ q: { n: 3 }, limit: 1 }] };
    await run({ explain: remove, verbosity: 'executionStats' });
    expect(await client.db('tools').collection('things').countDocuments()).toBe(20);
  });

  test('top and serverStatus count what was done', async () => {
    const { opcounters: before } = await admin({ serverStatus: 1 });
    await client.db('tools').collection('things').insertOne({ n: 99 });
    await client.db('tools').collection('things').deleteOne({ n: 99 });
    const { opcounters: after } = await admin({ serverStatus: 1 });
    expect(Number(after.insert)).toBeGreaterThan(Number(before.insert));
    expect(Number(after.delete)).toBeGreaterThan(Number(before.delete));
    expect((await admin({ top: 1 }))['totals']).toHaveProperty(['tools.things']);
  });

  test('what is no command here is refused by its name', async () => {
    for (const command of ['replSetGetStatus', 'createUser', 'setParameter', 'atlasVersion', 'fsync']) {
      await expect(admin({ [command]: 1 })).rejects.toMatchObject({
        code: 59,
        message: `no such command: '${command}'`,
      });
    }
  });
});
