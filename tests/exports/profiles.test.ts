import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { ALL_FOLLOW_UPS, suppress } from '../../src/deliveries/deliveries';
import {
  again,
  availableColumns,
  type ChosenColumn,
  type ExportRequest,
  findProfile,
  type Look,
  listDisclosures,
  listProfiles,
  PRESETS,
  type Profile,
  putProfile,
  removeProfile,
  run,
} from '../../src/exports/exports';
import { standard } from '../../src/exports/profile.types';
import * as leads from '../../src/leads/leads';
import { ask, captureOf, later, NOW, SLUG, sponsor } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';
import { bytesOf, importDraft, read, take } from './desk';

useStore();
beforeEach(async () => {
  await emptyStore();
  await importDraft();
});

const column = (source: string, header = source, ifEmpty = ''): ChosenColumn => ({ source, header, ifEmpty });
const profile = (more: Partial<Look> & { sponsor?: string; name?: string } = {}): Promise<Profile> =>
  putProfile({ ...standard('csv'), sponsor: 'acme-cloud', name: 'CRM', by: 'ada@acme.example', ...more });

const ADDRESSES = [column('lead_id'), column('email', 'E-mail'), column('company')];
const textOf = async ({ stream }: Awaited<ReturnType<typeof take>>) => (await bytesOf(stream)).toString();
const giveAgain = (id: string, number: number) =>
  again({ campaign: SLUG, sponsor: 'acme-cloud', profile: id, number, actor: 'ada@acme.example' });

test('columns in the order that was chosen, under headers of one’s own, guarded like cells; what is empty is filled', async () => {
  await ask({ firstName: '', q: { units: 'gt1000' } });
  const columns = [
    column('q_units', '=Units'),
    column('email', 'E-mail'),
    column('job_title', 'Title', '[not provided]'),
    column('q_elsewhere', 'Of another campaign', 'none'),
    column('text', 'LeadSource', '@Whitepaper'),
  ];
  const { id } = await profile({ columns });
  const [names, cells] = parse(await textOf(await take({ profile: id }))) as string[][];
  expect(names).toEqual(["'=Units", 'E-mail', 'Title', 'Of another campaign', 'LeadSource']);
  expect(cells).toEqual(['gt1000', 'jane@acme-homes.example', '[not provided]', 'none', "'@Whitepaper"]);
});

test('answers as texts in their newest wording, several between what the profile says, countries by name', async () => {
  await ask({ q: { units: 'gt1000' } });
  const tools =
    '  - { key: q.tools, type: checkbox, label: Tools, options: [ { code: vms, label: Video }, { code: nvr, label: Recorder } ] }\n';
  await importDraft((yaml) => yaml.replace('consents:\n', `${tools}consents:\n`).replace('"1,000 or more"', 'Many'));
  await ask({ email: 'two@b.example', q: { units: 'lt1000', tools: ['nvr', 'vms', 'gone'] } });
  const columns = [column('q_units'), column('q_tools'), column('country')];
  const { id } = await profile({ columns, answers: 'texts', between: '|' });
  const { rows } = await read(await take({ profile: id }));
  const sorted = rows.map((row) => Object.values(row)).sort();
  expect(sorted).toEqual([
    ['Fewer than 1,000', 'Recorder|Video|gone', 'United Kingdom'],
    ['Many', '', 'United Kingdom'],
  ]);
});

test.each([
  ['iso', 'UTC', '2026-07-24T10:00:00.000Z'],
  ['iso', 'Europe/London', '2026-07-24T11:00:00+01:00'],
  ['iso', 'America/St_Johns', '2026-07-24T07:30:00-02:30'],
  ['time', 'Asia/Kolkata', '2026-07-24 15:30:00'],
  ['date', 'Pacific/Kiritimati', '2026-07-25'],
  ['day-first', 'Europe/London', '24/07/2026 11:00'],
  ['month-first', 'UTC', '07/24/2026 10:00'],
] as const)('times as %s in %s', async (dates, timeZone, expected) => {
  await ask({ at: new Date('2026-07-24T10:00:00Z') });
  const { id } = await profile({ columns: [column('captured_at', 'at')], dates, timeZone });
  expect((await read(await take({ profile: id }))).rows).toEqual([{ at: expected }]);
});

test('delimiter, byte order mark and quotes are the profile’s', async () => {
  await ask({ company: 'A;B,C' });
  const columns = [column('company'), column('country')];
  const { id } = await profile({ columns, delimiter: ';', bom: true, quotes: 'always' });
  expect(await textOf(await take({ profile: id }))).toBe('\uFEFF"company";"country"\r\n"A;B,C";"GB"\r\n');
  const tabs = await profile({ name: 'Tabs', columns, delimiter: '\t' });
  expect(await textOf(await take({ profile: tabs.id }))).toBe('company\tcountry\r\nA;B,C\tGB\r\n');
});

test.each(PRESETS.filter(({ byConsent }) => !byConsent).map(({ key }) => key))(
  'the preset for %s: phone numbers and zeros intact, every row complete',
  async (key) => {
    const asked = captureOf();
    const answers = { ...asked.answers, lastName: '', company: '', phone: '020 7946 0000', phoneE164: '+442079460000' };
    await leads.capture({ ...asked, answers });
    const preset = PRESETS.find((one) => one.key === key);
    const { id } = await profile({ name: key, ...preset?.look });
    const text = await textOf(await take({ profile: id }));
    expect(text).toContain('+442079460000');
    const { rows } = await read(await take({ profile: id }));
    if (key === 'salesforce') expect(rows).toMatchObject([{ LastName: '[not provided]', Company: '[not provided]' }]);
    else expect(rows).toMatchObject([{ 'Whitepaper date': '2026-11-24', 'Country/Region': 'United Kingdom' }]);
  },
);

test('since last export: what this profile has not given whole, whatever other exports gave', async () => {
  const { id } = await profile({ columns: ADDRESSES });
  const newOnes = async (wanted = {}) =>
    (await read(await take({ profile: id, range: { kind: 'new' }, ...wanted }))).rows.map((row) => row['E-mail']);
  await ask({ email: 'one@a.example' });
  expect(await newOnes()).toEqual(['one@a.example']);
  expect(await newOnes()).toEqual([]);
  // Captured before the last export, and settled after it.
  const late = await ask({ email: 'late@b.example', suspicions: ['honeypot'], at: later(-5) });
  expect(await newOnes()).toEqual([]);
  await leads.accept(late.lead, later(1));
  await ask({ email: 'two@c.example', at: later(2) });
  const aborted = await take({ profile: id, range: { kind: 'new' } });
  aborted.stream.destroy();
  await take().then(read);
  expect((await newOnes()).sort()).toEqual(['late@b.example', 'two@c.example']);
  const other = await profile({ name: 'Other', columns: ADDRESSES });
  expect(await newOnes({ profile: other.id })).toHaveLength(3);
});

test('a range of days is whole days on the clock of the profile', async () => {
  const times = ['2026-11-23T23:30:00Z', '2026-11-24T12:00:00Z', '2026-11-24T23:30:00Z', '2026-11-25T00:30:00Z'];
  for (const [n, at] of times.entries()) await ask({ email: `r${n}@a.example`, at: new Date(at) });
  const range = { kind: 'days', from: '2026-11-24', to: '2026-11-24' } as const;
  const emails = async (timeZone: string) => {
    const { id } = await profile({ name: timeZone, columns: ADDRESSES, timeZone });
    return (await read(await take({ profile: id, range }))).rows.map((row) => row['E-mail']).sort();
  };
  expect(await emails('UTC')).toEqual(['r1@a.example', 'r2@a.example']);
  expect(await emails('Europe/Berlin')).toEqual(['r0@a.example', 'r1@a.example']);
});

test.each(['csv', 'ndjson', 'xlsx'] as const)(
  '%s: the same number gives the same bytes, though leads, wording and profile have changed since',
  async (format) => {
    const columns = [...ADDRESSES, column('q_units')];
    const look: Partial<Look> = { format, answers: 'texts', dates: 'time', columns };
    const { id } = await profile(look);
    const { lead } = await ask();
    await ask({ email: 'two@b.example' });
    const first = await bytesOf((await take({ profile: id, range: { kind: 'new' } })).stream);
    const repeat = await ask({ company: 'Changed', q: { units: 'lt1000' }, at: later(5) });
    await leads.prove(repeat.ref, later(6));
    await ask({ email: 'three@c.example' });
    await importDraft((yaml) => yaml.replace('"1,000 or more"', 'Many'));
    await putProfile({
      ...standard('csv'),
      id,
      sponsor: 'acme-cloud',
      name: 'CRM',
      by: 'bob',
      columns: [column('email')],
    });
    const anew = await bytesOf((await take({ profile: id })).stream);
    expect(anew.equals(first)).toBe(false);
    const { stream, fileName } = await giveAgain(id, 1);
    expect((await bytesOf(stream)).equals(first)).toBe(true);
    expect(fileName).toContain('no-1-again');
    const [entry] = await listDisclosures(SLUG, 'acme-cloud');
    const sha256 = createHash('sha256').update(first).digest('hex');
    expect(entry).toMatchObject({ again: 1, rows: 2, state: 'complete', sha256 });
    expect((await leads.findLead(lead))?.current.answers.company).toBe('Changed');
  },
);

test('an export whose leads may no longer be given is not given again; nor is one that broke off, or another’s', async () => {
  const { id } = await profile({ columns: ADDRESSES });
  const slip = await ask();
  await ask({ email: 'two@b.example' });
  await read(await take({ profile: id }));
  await leads.correct(slip.ref, 'right@a.example', 'business', later(2));
  await expect(giveAgain(id, 1)).rejects.toMatchObject({
    code: 'leads-gone',
    reader: expect.stringContaining('1 of its 2'),
  });
  const aborted = await take({ profile: id });
  aborted.stream.destroy();
  const unknown = { kind: 'not-found', code: 'unknown-export' };
  for (const number of [2, 3]) await expect(giveAgain(id, number)).rejects.toMatchObject(unknown);
  await sponsor('northgate');
  const foreign = { campaign: SLUG, sponsor: 'northgate', profile: id, number: 1, actor: 'ned@northgate.example' };
  await expect(again(foreign)).rejects.toMatchObject(unknown);
});

test('a profile is its owner’s: sponsors and the publisher neither see nor change each other’s', async () => {
  const theirs = await profile();
  const ours = await putProfile({ ...standard('xlsx'), name: 'CRM', by: 'staff@doors.example' });
  expect((await listProfiles('acme-cloud')).map(({ id }) => id)).toEqual([theirs.id]);
  expect((await listProfiles(undefined)).map(({ id }) => id)).toEqual([ours.id]);
  expect(await listProfiles('northgate')).toEqual([]);
  await sponsor('northgate');
  const unknown = { code: 'unknown-profile' };
  for (const owner of [undefined, 'northgate']) {
    await expect(findProfile(theirs.id, owner)).rejects.toMatchObject(unknown);
    await expect(removeProfile(theirs.id, owner)).rejects.toMatchObject(unknown);
    const stolen = { ...standard('csv'), id: theirs.id, name: 'Mine', by: 'x', ...(owner && { sponsor: owner }) };
    await expect(putProfile(stolen)).rejects.toMatchObject(unknown);
  }
  await expect(take({ profile: theirs.id, sponsor: 'northgate' })).rejects.toMatchObject(unknown);
  await expect(profile()).rejects.toMatchObject({ code: 'profile-name-taken' });
});

describe('the publisher’s newsletter', () => {
  const columns = [column('email'), column('consent_publisher'), column('consent_publisher_text', 'words')];
  const newsletter = () =>
    putProfile({ ...standard('csv'), name: 'Newsletter', consent: 'publisher', columns, by: 'staff@doors.example' });
  const ours = { campaign: SLUG, actor: 'staff@doors.example' };
  const taken = async (id: string, range: ExportRequest['range'] = { kind: 'all' }) =>
    (await read(await run({ ...ours, profile: id, range }))).rows.map(({ email }) => email).sort();
  const yes = (email: string, more = {}) => ask({ email, yes: ['publisher'], ...more });

  test('has who agreed to it, and nobody else: no other consent, no waiting lead, no unsubscribed address', async () => {
    const { id } = await newsletter();
    await yes('yes@a.example');
    await ask({ email: 'sponsor-only@b.example', yes: ['acme-cloud'] });
    await ask({ email: 'no@c.example', yes: [] });
    await yes('robot@d.example', { suspicions: ['honeypot'] });
    await yes('stopped@e.example');
    await yes('all@f.example');
    await yes('somebody@gone.example');
    const entry = { why: 'unsubscribed', at: NOW } as const;
    await suppress({ ...entry, who: 'Stopped@e.example', purpose: 'publisher' });
    await suppress({ ...entry, who: 'all@f.example', purpose: ALL_FOLLOW_UPS });
    await suppress({ ...entry, who: '@gone.example', purpose: 'publisher' });
    await suppress({ ...entry, who: 'yes@a.example', purpose: 'another' });
    const { rows } = await read(await run({ ...ours, profile: id }));
    expect(rows).toEqual([{ email: 'yes@a.example', consent_publisher: 'yes', words: 'Send me news.' }]);
    expect(await taken((await putProfile({ ...standard('csv'), name: 'All', by: 'x' })).id)).toHaveLength(7);
  });

  test('has who agrees later as new, and leaves out who withdrew; a file with them is not given again', async () => {
    const { id } = await newsletter();
    await ask({ email: 'late@a.example', yes: [] });
    const first = await yes('first@b.example');
    expect(await taken(id, { kind: 'new' })).toEqual(['first@b.example']);
    const asked = { campaign: SLUG, profile: id, number: 1, actor: 'staff@doors.example' };
    expect((await bytesOf((await again(asked)).stream)).toString()).toContain('first@b.example');
    const { ref } = await ask({ email: 'late@a.example', yes: ['publisher'], at: later(5) });
    await leads.prove(ref, later(6));
    expect(await taken(id, { kind: 'new' })).toEqual(['late@a.example']);
    await leads.withdraw(first.lead, 'publisher', '/me', later(10));
    expect(await taken(id)).not.toContain('first@b.example');
    await expect(again(asked)).rejects.toMatchObject({ code: 'leads-gone' });
  });
});

test('a profile chooses among the columns of all campaigns of its owner, and no other’s consents', async () => {
  await sponsor('northgate', {}, 'doors');
  const theirs = await availableColumns('acme-cloud');
  expect(theirs).toContain('consent_acme-cloud');
  expect(theirs).not.toContain('consent_publisher');
  expect(theirs).not.toContain('status');
  expect(await availableColumns(undefined)).toEqual(expect.arrayContaining(['consent_publisher', 'status', 'q_units']));
});

test('what a mistyped address’s own reader took back is not given again as the next owner’s', async () => {
  const { id } = await profile({ columns: ADDRESSES });
  const slip = await ask({ email: 'owner@a.example' });
  await read(await take({ profile: id }));
  await leads.correct(slip.ref, 'right@b.example', 'business', later(1));
  await ask({ email: 'owner@a.example', firstName: 'Owner', at: later(2) });
  await expect(giveAgain(id, 1)).rejects.toMatchObject({ code: 'leads-gone' });
});
