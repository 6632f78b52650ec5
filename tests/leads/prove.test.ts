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

test('a proof of the first request verifies the lead', async () => {
  const { ref } = await ask();
  expect((await leads.findLead(ref))?.verifiedAt).toBeUndefined();
  expect(await leads.prove(ref, later(5))).toMatchObject({ verifiedAt: later(5), current: { ref } });
  expect((await leads.findRequest(ref))?.provedAt).toEqual(later(5));
});

test('a repeat changes what sponsors see only once it is proved', async () => {
  const first = await ask();
  const repeat = await ask({ firstName: 'Janet', company: 'New Homes', at: later(1) });
  expect((await leads.findLead(first.lead))?.current.answers).toMatchObject({ firstName: 'Jane' });
  const lead = await leads.prove(repeat.ref, later(2));
  expect(lead?.current).toMatchObject({ ref: repeat.ref, answers: { firstName: 'Janet', company: 'New Homes' } });
});

test('consents add up: an unticked box withdraws nothing, a ticked one adds', async () => {
  const first = await ask({ yes: ['acme-cloud'] });
  const repeat = await ask({ yes: ['northgate'], at: later(1) });
  const lead = await leads.prove(repeat.ref, later(2));
  expect(given(lead)).toEqual(['acme-cloud', 'northgate']);
  const kept = lead?.current.consents.find(({ key }) => key === 'acme-cloud');
  expect(kept?.at).toEqual(first.at);
  expect(lead?.current.consents).toHaveLength(3);
});

test('proving twice, or an older request after a newer one, changes no answers', async () => {
  const first = await ask();
  const repeat = await ask({ firstName: 'Janet', yes: ['northgate'], at: later(1) });
  await leads.prove(repeat.ref, later(2));
  await leads.prove(repeat.ref, later(3));
  const lead = await leads.prove(first.ref, later(4));
  expect(lead?.current).toMatchObject({ ref: repeat.ref, answers: { firstName: 'Janet' } });
  expect(given(lead)).toEqual(['acme-cloud', 'northgate']);
  expect(lead?.verifiedAt).toEqual(later(2));
});

test('a clean proved request lifts the quarantine, a suspect one does not', async () => {
  const bot = await ask({ suspicions: ['honeypot'] });
  expect((await leads.findLead(bot.lead))?.status).toBe('quarantined');
  expect((await leads.prove(bot.ref, later(1)))?.status).toBe('quarantined');
  const person = await ask({ firstName: 'Janet', at: later(2) });
  expect((await leads.prove(person.ref, later(3)))?.status).toBe('active');
});

test("staff's no stays a no", async () => {
  const bot = await ask({ suspicions: ['honeypot'] });
  await leads.reject(bot.lead);
  const person = await ask({ at: later(2) });
  expect((await leads.prove(person.ref, later(3)))?.status).toBe('rejected');
});

test('a proof asks the ledger again', async () => {
  const { ref, lead } = await ask();
  await leads.paid(ref, ['deliver', 'settle']);
  const before = await leads.findLead(lead);
  if (before) await leads.markSettled(before, later(1));
  expect((await leads.findLead(lead))?.settledAt).toEqual(later(1));
  await leads.prove(ref, later(2));
  expect(await leads.owed(5)).toMatchObject([{ ref, lead, wanted: ['settle'] }]);
  expect((await leads.findLead(lead))?.settledAt).toBeUndefined();
});

test('an unknown request proves nothing', async () => {
  expect(await leads.prove('0000-0000-0000', later(1))).toBeNull();
});

test('of accept and reject at once one decides', async () => {
  const { lead } = await ask({ suspicions: ['honeypot'] });
  const both = await Promise.allSettled([leads.accept(lead, later(1)), leads.reject(lead)]);
  expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await expect(leads.accept(lead, later(2))).rejects.toMatchObject({ code: 'not-quarantined' });
});

describe('a mistyped address', () => {
  test('makes a request of its own and takes the wrong lead out of sight', async () => {
    const wrong = await ask({ email: 'jnae@x.example' });
    const right = await leads.correct(wrong.ref, 'jane@x.example', 'business', later(1));
    expect(right).toMatchObject({ corrects: wrong.ref, answers: { email: 'jane@x.example', firstName: 'Jane' } });
    expect((await leads.findLead(wrong.lead))?.status).toBe('superseded');
    expect((await leads.findLead(right.lead))?.status).toBe('active');
  });

  test('leaves a lead alone that was proved, or asked for more than once', async () => {
    const proved = await ask({ email: 'a@x.example' });
    await leads.prove(proved.ref, later(1));
    await leads.correct(proved.ref, 'b@x.example', 'business', later(2));
    const twice = await ask({ email: 'c@x.example' });
    const second = await ask({ email: 'c@x.example', at: later(1) });
    await leads.correct(second.ref, 'd@x.example', 'business', later(2));
    expect((await leads.findLead(proved.lead))?.status).toBe('active');
    expect((await leads.findLead(twice.lead))?.status).toBe('active');
  });

  test('is corrected once a request, three times in a row, within a day', async () => {
    const first = await ask({ email: 'a@x.example' });
    const both = await Promise.allSettled(
      ['b', 'c'].map((name) => leads.correct(first.ref, `${name}@x.example`, 'business', later(1))),
    );
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    let last = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))[0];
    for (const name of ['d', 'e'])
      last = await leads.correct(last?.ref ?? '', `${name}@x.example`, 'business', later(2));
    const late = { code: 'correction-late' };
    await expect(leads.correct(last?.ref ?? '', 'f@x.example', 'business', later(3))).rejects.toMatchObject(late);
    const old = await ask({ email: 'old@x.example' });
    await expect(leads.correct(old.ref, 'new@x.example', 'business', later(25 * 60))).rejects.toMatchObject(late);
  });
});
