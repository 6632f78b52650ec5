import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BSON, MongoClient } from 'mongodb';
import { whyNot } from './applies';
import { refusalOf } from './refused';
import { runSpecTest } from './runner';
import type { SpecFile, SpecTest } from './spec.types';
import { type Tally, tableIn, tableOf, written } from './table';

/** MongoDB's own specification tests on the embedded server. They lie beside the project, in ../shared. */
const FOLDER = join(__dirname, '../../../shared/mongodb-spec-tests');
const PARTS = existsSync(FOLDER) ? ['crud', 'gridfs', 'index-management', 'collection-management'] : [];

const filesOf = (part: string): SpecFile[] =>
  readdirSync(join(FOLDER, part))
    .sort()
    .map((name) => BSON.EJSON.parse(readFileSync(join(FOLDER, part, name), 'utf8')) as SpecFile);

const tally: Tally = new Map();
const uri = process.env['GATEFOLD_TEST_URI'] ?? '';
let admin: MongoClient;
beforeAll(async () => {
  admin = await MongoClient.connect(uri);
});
afterAll(() => admin.close());

if (PARTS.length === 0) test.skip('SKIPPED: no ../shared (specification tests)', () => {});

for (const part of PARTS) {
  describe(part, () => {
    for (const file of filesOf(part)) for (const one of file.tests) declare(part, file, one);
  });
}

/** A refusal is no pass in the table; here it passes when it is one of those that are known. */
function declare(part: string, file: SpecFile, one: SpecTest): void {
  const reason = whyNot(file, one);
  const name = `${file.description}: ${one.description}`;
  const count = (outcome: string) => tally.set(`${part}/${name}`, { part, outcome });
  if (reason) {
    count(`not applicable: ${reason}`);
    test.skip(name, () => {});
    return;
  }
  test(name, async () => {
    count('failed');
    const error = await runSpecTest(uri, admin, file, one).catch((thrown: Error) => thrown);
    const refused = error && refusalOf(error);
    if (error && !refused) throw error;
    count(refused ? `refused: ${refused}` : 'passed');
  });
}

if (PARTS.length > 0) {
  test('the table in docs/store.md says what came of these tests (npm run conformance:table writes it)', () => {
    const table = tableOf(tally);
    if (process.env['GATEFOLD_CONFORMANCE'] === 'write') written(table);
    expect(tableIn()).toEqual(table);
  });
}
