import { createHash } from 'node:crypto';
import { disclosuresOf, listDisclosures } from '../../src/exports/exports';
import { ask, SLUG } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';
import { bytesOf, importDraft, onlyDisclosure, read, take, takeAll } from './desk';

useStore();
beforeEach(async () => {
  await emptyStore();
  await importDraft();
});

test.each(['csv', 'ndjson', 'xlsx'] as const)(
  '%s: who took which leads, when, and the hash of the bytes',
  async (format) => {
    const [one, two] = [await ask({ email: 'one@a.example' }), await ask({ email: 'two@b.example' })];
    const refused = await ask({ email: 'no@c.example', yes: [] });
    const before = new Date();
    const bytes = await bytesOf((await take({ format })).stream);
    const disclosure = await onlyDisclosure('acme-cloud');
    expect(disclosure).toMatchObject({
      campaign: SLUG,
      sponsor: 'acme-cloud',
      actor: 'ada@acme.example',
      format,
      state: 'complete',
      rows: 2,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    expect(disclosure.at >= before && disclosure.at <= new Date()).toBe(true);
    for (const { lead } of [one, two]) expect(await disclosuresOf(lead)).toEqual([disclosure]);
    expect(await disclosuresOf(refused.lead)).toEqual([]);
  },
);

test('the columns are on record as they were', async () => {
  await ask();
  const { names } = await read(await take());
  expect((await onlyDisclosure()).columns).toEqual(names);
});

test('each export is an entry of its own; a sponsor’s log has only theirs', async () => {
  const { lead } = await ask();
  await read(await take());
  await read(await takeAll());
  expect((await listDisclosures(SLUG)).map(({ actor, sponsor }) => [actor, sponsor])).toEqual([
    ['staff@doors.example', undefined],
    ['ada@acme.example', 'acme-cloud'],
  ]);
  expect(await listDisclosures(SLUG, 'acme-cloud')).toHaveLength(1);
  expect(await listDisclosures(SLUG, 'northgate')).toEqual([]);
  expect(await disclosuresOf(lead)).toHaveLength(2);
});

test('an export of no leads is on record too', async () => {
  expect((await read(await take())).rows).toEqual([]);
  expect(await onlyDisclosure()).toMatchObject({ state: 'complete', rows: 0 });
});

test('the entry is there before the first byte, and the leads of a batch before the batch', async () => {
  const { lead } = await ask();
  const { stream } = await take({ format: 'ndjson' });
  expect(await onlyDisclosure()).toMatchObject({ state: 'running', rows: 0 });
  for await (const _ of stream as AsyncIterable<Buffer>) {
    expect(await disclosuresOf(lead)).toHaveLength(1);
  }
  expect(await onlyDisclosure()).toMatchObject({ state: 'complete' });
});
