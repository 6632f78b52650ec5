import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import mongoose from 'mongoose';
import * as ledger from '../../src/ledger/ledger';
import { ask, SLUG, sponsor } from '../support/seeds';
import { emptyWholeStore, useStore } from '../support/store';

useStore();
beforeEach(emptyWholeStore);
jest.setTimeout(60_000);

const CAP = 200;
const TAKEN = CAP - 1;
const places = () => mongoose.connection.collection('places').countDocuments({});

function worker(): ChildProcess {
  const { db } = mongoose.connection;
  const uri = String(process.env['GATEFOLD_TEST_URI']);
  const script = join(__dirname, '../support/settle-as.mjs');
  return spawn(process.execPath, [script, uri, String(db?.databaseName), SLUG], { stdio: 'inherit' });
}

/** As if 199 had come before. */
async function fillUp(): Promise<void> {
  const contract = `${SLUG}/acme-cloud`;
  const rows = Array.from({ length: TAKEN }, (_, i) => ({
    _id: `${contract} ${i + 1}` as never,
    ...{ contract, n: i + 1, lead: `X${i}`, domain: `x${i}.example`, m: 1, at: new Date() },
  }));
  await mongoose.connection.collection('places').insertMany(rows);
}

test('64 leads on the last of 200 places, by workers that are killed: never 201, and every lead is decided on', async () => {
  await sponsor('acme-cloud', { cap: CAP, perCompanyDomain: 2 });
  await fillUp();
  const requests = await Promise.all(Array.from({ length: 64 }, (_, n) => ask({ email: `r${n}@d${n}.example` })));
  // Killed in the middle of it: once the place is taken and before all are settled, or as near as can be.
  for (let turn = 0; turn < 2; turn += 1) {
    const doomed = [worker(), worker()];
    const gone = doomed.map((one) => once(one, 'exit'));
    while ((await places()) < CAP && doomed.some(({ exitCode }) => exitCode === null)) await pause(2);
    for (const one of doomed) one.kill('SIGKILL');
    await Promise.all(gone);
    expect(await places()).toBeLessThanOrEqual(CAP);
  }
  const last = [worker(), worker()];
  expect((await Promise.all(last.map((one) => once(one, 'exit')))).map(([code]) => code)).toEqual([0, 0]);
  expect(await places()).toBe(CAP);
  const { billable, held } = await ledger.summary(SLUG, 'acme-cloud');
  expect([billable, held]).toEqual([1, 63]);
  const decided = await Promise.all(requests.map(({ lead }) => ledger.settlementsOf(lead)));
  const theirs = decided.flat().filter(({ decision }) => decision === 'billable');
  expect(theirs).toHaveLength(1);
  expect(await mongoose.connection.collection('places').findOne({ n: CAP })).toMatchObject({ lead: theirs[0]?.lead });
});
