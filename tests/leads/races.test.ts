import * as leads from '../../src/leads/leads';
import { ask, later } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';

useStore();
beforeEach(emptyStore);

const given = (lead: leads.Lead | null) =>
  lead?.current.consents
    .filter((one) => one.given)
    .map(({ key }) => key)
    .sort();

test('two requests proved at once: neither consent is lost, and the newer answers stay', async () => {
  const { lead } = await ask({ yes: [] });
  const keys = ['acme-cloud', 'northgate', 'publisher'];
  const repeats = [];
  for (const [n, key] of keys.entries()) repeats.push(await ask({ firstName: key, yes: [key], at: later(n + 1) }));
  await Promise.all(repeats.map(({ ref }) => leads.prove(ref, later(9))));
  const proved = await leads.findLead(lead);
  expect(given(proved)).toEqual(keys);
  expect(proved?.current).toMatchObject({ ref: repeats[2]?.ref, answers: { firstName: 'publisher' } });
});

test('an older yes proved late is kept below the newer one', async () => {
  const first = await ask({ yes: ['acme-cloud'] });
  const repeat = await ask({ yes: ['acme-cloud'], at: later(60) });
  await leads.prove(repeat.ref, later(61));
  const proved = await leads.prove(first.ref, later(62));
  expect(proved?.current.consents.find(({ key }) => key === 'acme-cloud')?.at).toEqual(later(60));
  expect(proved?.current.consents.find(({ key }) => key === 'northgate')?.at).toEqual(later(60));
});

test('a box that names another controller by the same key is another consent', async () => {
  const { ref, lead } = await ask({ yes: ['acme-cloud'] });
  const before = await leads.findRequest(ref);
  if (!before) throw new Error('no request');
  const { ref: _, lead: __, ...same } = before;
  const consents = same.consents.map((one) => (one.key === 'acme-cloud' ? { ...one, sponsor: 'heir' } : one));
  const repeat = await leads.capture({ ...same, consents, at: later(5) });
  const proved = await leads.prove(repeat.ref, later(6));
  expect(proved?.id).toBe(lead);
  expect(proved?.current.consents.filter((one) => one.given).map(({ sponsor }) => sponsor)).toEqual([
    'acme-cloud',
    'heir',
  ]);
});

test('the evidence of each request stays as it was given, whatever is proved later', async () => {
  const first = await ask({ yes: ['acme-cloud'] });
  const repeat = await ask({ yes: ['northgate'], firstName: 'Janet', at: later(1) });
  await leads.prove(repeat.ref, later(2));
  await leads.prove(first.ref, later(3));
  expect(await leads.requestsOf(first.lead)).toEqual([
    { ...first, provedAt: later(3) },
    { ...repeat, provedAt: later(2) },
  ]);
});

test('of a proof and a rejection at once, the rejection stands', async () => {
  for (let n = 0; n < 5; n += 1) {
    const email = `bot${n}@x.example`;
    const bot = await ask({ email, suspicions: ['honeypot'] });
    const clean = await ask({ email, at: later(1) });
    const [, rejected] = await Promise.allSettled([leads.prove(clean.ref, later(2)), leads.reject(bot.lead)]);
    const status = (await leads.findLead(bot.lead))?.status;
    expect(status).toBe(rejected?.status === 'fulfilled' ? 'rejected' : 'active');
  }
});

test('the ledger cannot call settled what has changed since it looked', async () => {
  const { ref, lead } = await ask();
  const looked = await leads.findLead(lead);
  await leads.prove(ref, later(1));
  if (!looked) throw new Error('no lead');
  expect(await leads.markSettled(looked, later(2))).toBe(false);
  expect(await leads.unsettled(looked.campaign, 10)).toEqual([lead]);
});

test('what is owed is paid longest first, over leads and repeats alike', async () => {
  const second = await ask({ email: 'second@x.example', at: later(2) });
  const first = await ask({ at: later(1) });
  const third = await ask({ at: later(3) });
  expect((await leads.owed(10)).map(({ ref }) => ref)).toEqual([first.ref, second.ref, third.ref]);
  expect((await leads.owed(2)).map(({ ref }) => ref)).toEqual([first.ref, second.ref]);
  await leads.paid(third.ref, ['settle']);
  await leads.paid('ZZZZ-ZZZZ-ZZZZ', ['deliver', 'settle']);
  expect(await leads.owed(10)).toHaveLength(3);
  await leads.paid(third.ref, ['deliver', 'settle']);
  expect((await leads.owed(10)).map(({ ref }) => ref)).toEqual([first.ref, second.ref]);
});

describe('a superseded address', () => {
  const correct = (ref: string, email: string, minutes: number) =>
    leads.correct(ref, email, 'business', later(minutes));

  test('lives again when its reader comes back to it', async () => {
    const right = await ask({ email: 'jane@x.example' });
    const slip = await correct(right.ref, 'jnae@x.example', 1);
    const back = await correct(slip.ref, 'jane@x.example', 2);
    expect(back.lead).toBe(right.lead);
    expect(await leads.findLead(right.lead)).toMatchObject({ status: 'active', current: { ref: back.ref } });
    expect((await leads.findLead(slip.lead))?.status).toBe('superseded');
  });

  test('lives again with the answers of whoever owns it, not with those of the slip', async () => {
    const slip = await ask({ email: 'jo@x.example', firstName: 'Jane' });
    await correct(slip.ref, 'jane@x.example', 1);
    await ask({ email: 'jo@x.example', firstName: 'Jo', yes: ['northgate'], at: later(2) });
    const lead = await leads.findLead(slip.lead);
    expect(lead).toMatchObject({ status: 'active', current: { answers: { firstName: 'Jo' } }, capturedAt: later(2) });
    expect(given(lead)).toEqual(['northgate']);
  });

  test('stays out of sight for a program', async () => {
    const slip = await ask({ email: 'jo@x.example' });
    await correct(slip.ref, 'jane@x.example', 1);
    await ask({ email: 'jo@x.example', suspicions: ['honeypot'], at: later(2) });
    expect((await leads.findLead(slip.lead))?.status).toBe('superseded');
  });

  test('is superseded only when no request for it stands', async () => {
    const first = await ask({ email: 'jo@x.example' });
    const second = await ask({ email: 'jo@x.example', at: later(1) });
    await correct(first.ref, 'a@x.example', 2);
    expect((await leads.findLead(first.lead))?.status).toBe('active');
    await correct(second.ref, 'b@x.example', 3);
    expect((await leads.findLead(first.lead))?.status).toBe('superseded');
  });

  test('asks the ledger to give back what it had', async () => {
    const slip = await ask({ email: 'jo@x.example' });
    await leads.paid(slip.ref, ['deliver', 'settle']);
    await correct(slip.ref, 'jane@x.example', 1);
    expect(await leads.owed(10)).toContainEqual(
      expect.objectContaining({ ref: slip.ref, lead: slip.lead, wanted: ['settle'] }),
    );
  });
});
