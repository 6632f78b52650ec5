import { listDisclosures, run } from '../../src/exports/exports';
import * as leads from '../../src/leads/leads';
import * as ledger from '../../src/ledger/ledger';
import { ask, captureOf, later, SLUG, sponsor } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';
import { importDraft, read, take, takeAll } from './desk';

useStore();
beforeEach(async () => {
  await emptyStore();
  await importDraft();
});

const STANDARD =
  'lead_id captured_at campaign email first_name last_name company job_title country phone phone_e164'.split(' ');
const SOURCE = 'utm_source utm_medium utm_campaign utm_term utm_content ref'.split(' ');
const consent = (key: string) => ['', '_text', '_version', '_at'].map((part) => `consent_${key}${part}`);

test('the columns of the contract, in its order', async () => {
  await ask();
  expect((await read(await takeAll())).names).toEqual([
    ...STANDARD,
    'q_units',
    ...consent('publisher'),
    ...consent('acme-cloud'),
    ...SOURCE,
    'status',
  ]);
  expect((await read(await take())).names).toEqual([...STANDARD, 'q_units', ...consent('acme-cloud'), ...SOURCE]);
});

test('each cell holds what was captured; what was not asked is empty', async () => {
  const asked = captureOf({ q: { units: 'lt1000' } });
  const attribution = { utmSource: 'a', utmMedium: 'b', utmCampaign: 'c', utmTerm: 'd', utmContent: 'e', ref: 'f' };
  const answers = { ...asked.answers, lastName: 'Żółć', jobTitle: 'Clerk', phone: '020 7946 0000' };
  const { ref } = await leads.capture({ ...asked, answers: { ...answers, phoneE164: '+442079460000' }, attribution });
  expect((await read(await takeAll())).rows).toEqual([
    {
      lead_id: ref,
      captured_at: '2026-11-24T10:00:00.000Z',
      campaign: SLUG,
      email: 'jane@acme-homes.example',
      first_name: 'Jane',
      last_name: 'Żółć',
      company: 'Acme Homes',
      job_title: 'Clerk',
      country: 'GB',
      phone: '020 7946 0000',
      phone_e164: '+442079460000',
      q_units: 'lt1000',
      consent_publisher: 'no',
      consent_publisher_text: 'Send me news.',
      consent_publisher_version: '1',
      consent_publisher_at: '2026-11-24T10:00:00.000Z',
      'consent_acme-cloud': 'yes',
      'consent_acme-cloud_text': 'ACME Cloud may contact me.',
      'consent_acme-cloud_version': '2',
      'consent_acme-cloud_at': '2026-11-24T10:00:00.000Z',
      utm_source: 'a',
      utm_medium: 'b',
      utm_campaign: 'c',
      utm_term: 'd',
      utm_content: 'e',
      ref: 'f',
      status: 'active',
    },
  ]);
});

test('questions and boxes that went keep their columns, behind those of now', async () => {
  await ask({ q: { units: 'gt1000', tools: ['vms', 'nvr'], homes: 1200 } });
  const tools =
    '  - { key: q.tools, type: checkbox, label: Tools, options: [ { code: vms, label: V }, { code: nvr, label: N } ] }\n';
  const homes = '  - { key: q.homes, type: number, label: Homes }\n';
  await importDraft((yaml) => yaml.replace('consents:\n', `${tools}${homes}consents:\n`));
  await importDraft((yaml) =>
    yaml.replace('consents:\n', `${homes}consents:\n`).replace(/ {2}- \{ key: publisher.*\n/, ''),
  );
  const { names, rows } = await read(await takeAll());
  expect(names.filter((name) => name.startsWith('q_'))).toEqual(['q_units', 'q_homes', 'q_tools']);
  expect(names.filter((name) => /^consent_[^_]+$/.test(name))).toEqual(['consent_acme-cloud', 'consent_publisher']);
  expect(rows).toMatchObject([{ q_tools: 'vms; nvr', q_homes: '1200', consent_publisher: 'no' }]);
});

test('a sponsor reads no consent but its own, also when a box passed from one sponsor to another', async () => {
  await importDraft((yaml) => yaml.replaceAll('key: acme-cloud, sponsor', 'key: partner, sponsor'));
  await importDraft((yaml) =>
    yaml
      .replace('key: acme-cloud, sponsor: acme-cloud', 'key: partner, sponsor: northgate')
      .replace('slug: acme-cloud', 'slug: northgate'),
  );
  const asked = captureOf();
  const evidence = (slug: string, text: string) => ({ ...asked.consents[0], key: 'partner', sponsor: slug, text });
  const consents = [evidence('acme-cloud', 'ACME may.'), evidence('northgate', 'Northgate may.')];
  await leads.capture({
    ...asked,
    consents: consents.map((one) => ({ ...one, given: true })) as leads.ConsentEvidence[],
  });
  const { names, rows } = await read(await take({ sponsor: 'northgate' }));
  expect(names.filter((name) => name.startsWith('consent_'))).toEqual(consent('partner'));
  expect(rows.map((row) => row['consent_partner_text'])).toEqual(['Northgate may.']);
  expect(Object.values(rows[0] ?? {}).join()).not.toContain('ACME');
});

test('a sponsor gets the leads that are settled as its own and consented; staff get every lead with its status', async () => {
  const theirs = await ask({ email: 'theirs@a.example' });
  await ask({ email: 'no-consent@b.example', yes: ['publisher'] });
  await ask({ email: 'elsewhere@c.example', country: 'DE' });
  const bot = await ask({ email: 'bot@d.example', suspicions: ['honeypot'] });
  const slip = await ask({ email: 'slip@e.example' });
  const right = await leads.correct(slip.ref, 'right@f.example', 'business', later(1));
  await ask({ campaign: 'other' });
  const { rows } = await read(await take());
  expect(rows.map((row) => row['lead_id'])).toEqual([theirs.lead, right.lead].sort());
  const all = (await read(await takeAll())).rows.map((row) => [row['email'], row['status']]);
  expect(all.sort()).toEqual([
    ['bot@d.example', 'quarantined'],
    ['elsewhere@c.example', 'active'],
    ['no-consent@b.example', 'active'],
    ['right@f.example', 'active'],
    ['slip@e.example', 'superseded'],
    ['theirs@a.example', 'active'],
  ]);
  await leads.accept(bot.lead, later(1));
  expect((await read(await take())).rows.map((row) => row['lead_id'])).toContain(bot.lead);
});

test('held leads stay back, unbilled ones are given', async () => {
  for (const overflow of ['hold', 'unbilled'] as const) {
    await emptyStore();
    await importDraft();
    await sponsor('acme-cloud', { cap: 1, overflow });
    for (const n of [1, 2]) await ask({ email: `r${n}@x.example`, at: later(n) });
    expect((await read(await take())).rows).toHaveLength(overflow === 'hold' ? 1 : 2);
  }
});

test('a lead that is superseded after it was settled is out of the next export', async () => {
  const slip = await ask();
  await ledger.settle(slip.lead, later(1));
  expect((await read(await take())).rows).toHaveLength(1);
  await leads.correct(slip.ref, 'right@f.example', 'business', later(2));
  expect((await read(await take())).rows.map((row) => row['email'])).toEqual(['right@f.example']);
});

test('a stranger’s repeat changes nothing that the sponsor sees until the mailbox is proved', async () => {
  await ask();
  const before = (await read(await take())).rows;
  const stranger = await ask({ firstName: 'Mallory', company: 'Evil', yes: ['northgate'], at: later(5) });
  await sponsor('northgate');
  expect((await read(await take())).rows).toEqual(before);
  expect((await read(await take({ sponsor: 'northgate' }))).rows).toEqual([]);
  await leads.prove(stranger.ref, later(6));
  expect((await read(await take())).rows).toMatchObject([{ first_name: 'Mallory', 'consent_acme-cloud': 'yes' }]);
  expect((await read(await take({ sponsor: 'northgate' }))).rows).toHaveLength(1);
});

test('an export of an unknown campaign, or of another sponsor’s, is refused', async () => {
  await sponsor('northgate', {}, 'other');
  const refused = { kind: 'not-found', code: 'unknown-campaign' };
  await expect(take({ campaign: 'no-such-campaign' })).rejects.toMatchObject(refused);
  await expect(take({ sponsor: 'northgate' })).rejects.toMatchObject(refused);
  await expect(run({ campaign: 'no-such-campaign', format: 'csv', actor: 'cli:test' })).rejects.toMatchObject(refused);
  expect(await listDisclosures(SLUG)).toEqual([]);
});
