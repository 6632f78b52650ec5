import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { type Disk, openDisk, type Table } from '../../src/store/embedded/disk';
import { openEmbedded } from '../../src/store/embedded/embedded';

/** `validate` tells what is wrong: what is put wrong here is put so below the server, in the file. */
const dataDir = mkdtempSync(join(tmpdir(), 'gatefold-validate-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const validated = async (fill = false): Promise<Record<string, unknown>> => {
  const store = await openEmbedded({ dataDir });
  const client = await MongoClient.connect(store.uri);
  const db = client.db('x');
  if (fill) {
    await db.collection('things').createIndex({ n: 1 });
    await db.collection('things').insertMany([{ n: 1 }, { n: 2 }, { n: 3 }]);
  }
  const { valid, errors, nrecords, keysPerIndex } = await db.command({ validate: 'things' });
  await client.close();
  await store.close();
  return { valid, errors, nrecords, keysPerIndex };
};

async function spoiled(spoil: (disk: Disk) => unknown): Promise<Record<string, unknown>> {
  const disk = openDisk(join(dataDir, 'store'));
  await spoil(disk);
  await disk.close();
  return validated();
}

const keysOf = (table: Table): Buffer[] => [...table.getKeys()].map((key) => Buffer.from(key));

test('what is whole is valid; an entry that is gone, and one of a document that is gone, are told', async () => {
  expect(await validated(true)).toEqual({ valid: true, errors: [], nrecords: 3, keysPerIndex: { _id_: 3, n_1: 3 } });
  let entry: [Buffer, Buffer] | undefined;
  expect(
    await spoiled(({ entries }) => {
      const [key = Buffer.alloc(0)] = keysOf(entries);
      entry = [key, Buffer.from(entries.get(key) ?? '')];
      return entries.remove(key);
    }),
  ).toEqual({
    valid: false,
    errors: ['no entry in n_1 for a document'],
    nrecords: 3,
    keysPerIndex: { _id_: 3, n_1: 2 },
  });
  expect(await spoiled(({ entries }) => entries.put(...(entry ?? [Buffer.alloc(0), Buffer.alloc(0)])))).toMatchObject({
    valid: true,
  });
  expect(await spoiled(({ documents }) => documents.remove(keysOf(documents)[0] ?? Buffer.alloc(0)))).toMatchObject({
    valid: false,
    errors: ['n_1 has entries without a document'],
    nrecords: 2,
    keysPerIndex: { _id_: 2, n_1: 3 },
  });
});
