import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { MongoClient } from 'mongodb';

/** What only the embedded server is asked: the bytes of the protocol, and what it refuses. */
const uri = process.env['GATEFOLD_TEST_URI'] ?? '';
const embedded = uri.includes('.sock');
const path = decodeURIComponent(uri.replace('mongodb://', ''));

let client: MongoClient;

beforeAll(async () => {
  client = await MongoClient.connect(uri, { serverSelectionTimeoutMS: 5000 });
});

afterAll(async () => {
  await client.db('wire').dropDatabase();
  await client.close();
});

function frame(length: number, opCode: number, rest: Buffer): Buffer {
  const head = Buffer.alloc(16);
  head.writeInt32LE(length, 0);
  head.writeInt32LE(7, 4);
  head.writeInt32LE(opCode, 12);
  return Buffer.concat([head, rest]);
}

/** Sends bytes and says what came of the connection. */
function outcome(bytes: Buffer): Promise<'closed' | 'answered'> {
  return new Promise((resolve) => {
    const socket: Socket = connect(path, () => socket.write(bytes));
    socket.once('data', () => {
      socket.destroy();
      resolve('answered');
    });
    socket.once('close', () => resolve('closed'));
    socket.on('error', () => undefined);
  });
}

(embedded ? describe : describe.skip)('the embedded server', () => {
  test.each([
    ['a length below a header', frame(4, 2013, Buffer.alloc(8))],
    ['a negative length', frame(-1, 2013, Buffer.alloc(8))],
    ['a length over the limit', frame(48_000_001, 2013, Buffer.alloc(8))],
    ['an op code of old', frame(24, 2002, Buffer.alloc(8))],
    ['an empty message', frame(20, 2013, Buffer.alloc(4))],
    ['flags that must be understood', frame(26, 2013, Buffer.from('0c00000000050000000000', 'hex'))],
    ['a section beyond its message', frame(26, 2013, Buffer.from('0000000000ff0000000000', 'hex'))],
    ['a section of an unknown kind', frame(26, 2013, Buffer.from('0000000009050000000000', 'hex'))],
  ])('%s ends that connection and no other', async (_name, bytes) => {
    expect(await outcome(bytes)).toBe('closed');
    expect((await client.db('wire').command({ ping: 1 }))['ok']).toBe(1);
  });

  test('noise ends its connection at most', async () => {
    for (let i = 0; i < 200; i += 1) {
      const noise = randomBytes(16 + (i % 64));
      if (i % 2) noise.writeInt32LE(noise.length, 0);
      if (i % 3 === 0) noise.writeInt32LE(2013, 12);
      const socket = connect(path);
      socket.on('error', () => undefined);
      socket.end(noise);
      await new Promise((resolve) => socket.once('close', resolve));
    }
    expect((await client.db('wire').command({ ping: 1 }))['ok']).toBe(1);
  });

  test.each([
    ['an unknown command', { shutdown: 1 }, 59],
    ['an unknown field of a command', { find: 'c', filter: {}, maximum: 3 }, 40_415],
    [
      'a transaction',
      { insert: 'c', documents: [{ a: 1 }], txnNumber: 1, startTransaction: true, autocommit: false },
      20,
    ],
    ['a stage that is not here', { aggregate: 'c', pipeline: [{ $graphLookup: {} }], cursor: {} }, 40_324],
    ['an operator that is none', { find: 'c', filter: { a: { $near: 1 } } }, 2],
    ['$where', { find: 'c', filter: { $where: 'true' } }, 2],
    ['a text index', { createIndexes: 'c', indexes: [{ key: { a: 'text' }, name: 'a_text' }] }, 67],
    ['a collation', { find: 'c', filter: {}, collation: { locale: 'de' } }, 238],
    ['a capped collection', { create: 'capped', capped: true }, 238],
    [
      'a group operator that is not here',
      { aggregate: 'c', pipeline: [{ $group: { _id: 1, x: { $percentile: '$a' } } }], cursor: {} },
      15_952,
    ],
    ['a name that is none', { insert: 'a$b', documents: [{ a: 1 }] }, 73],
  ])('%s is refused with an error, not answered wrongly', async (_name, command, code) => {
    await client.db('wire').collection('c').insertOne({ a: 1 });
    await expect(client.db('wire').command(command)).rejects.toMatchObject({ code });
  });

  test('a cursor ends with its connection', async () => {
    const other = await MongoClient.connect(uri);
    await other
      .db('wire')
      .collection<{ _id: number }>('many')
      .insertMany(Array.from({ length: 300 }, (_, i) => ({ _id: i })));
    const cursor = other.db('wire').collection('many').find({}, { batchSize: 10 });
    await cursor.next();
    const id = cursor.id;
    await other.close(true);
    await expect(client.db('wire').command({ getMore: id, collection: 'many' })).rejects.toMatchObject({ code: 43 });
  });
});
