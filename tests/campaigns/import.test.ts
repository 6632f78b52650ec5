import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { PDFDocument } from 'pdf-lib';
import { parse } from 'yaml';
import { listAudit } from '../../src/accounts/accounts';
import type { Campaign } from '../../src/campaigns/campaign.types';
import { filesInZip, zipOf } from '../../src/campaigns/campaign.zip';
import * as campaigns from '../../src/campaigns/campaigns';
import { fieldsFrom } from '../../src/campaigns/editor.fields';
import { definitionFrom } from '../../src/campaigns/editor.form';
import { contractsOfCampaign, findSponsor } from '../../src/sponsors/sponsors';
import { emptyStore, useStore } from '../support/store';
import { ARTICLE_MD, CAMPAIGN_YAML, folderWith } from './folder';

useStore();

const SLUG = 'locks-and-keys';
const dataDir = mkdtempSync(join(tmpdir(), 'gatefold-data-'));
const options = { actor: 'cli:tester', dataDir };
let pdf: Uint8Array;

beforeAll(async () => {
  pdf = await paper(2);
});
beforeEach(emptyStore);
afterAll(async () => {
  await campaigns.closeMasters();
  rmSync(dataDir, { recursive: true, force: true });
});

async function paper(pages: number): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  for (let page = 1; page <= pages; page += 1) document.addPage([595, 842]).drawText(`Page ${page}`, { x: 50, y: 700 });
  return document.save();
}

function files(change: Record<string, string | Uint8Array> = {}) {
  return {
    'campaign.yaml': CAMPAIGN_YAML,
    'whitepaper.pdf': pdf,
    'article.md': ARTICLE_MD,
    'cover.svg': '<svg/>',
    ...change,
  };
}

/** Without what is made anew: the date, and the master (its compiler marks each with random names). */
function definition({ createdAt: _, whitepaper, ...rest }: Campaign) {
  return { ...rest, whitepaper: { ...whitepaper, master: '', bytes: 0 } };
}

async function stored() {
  const campaign = await campaigns.findCampaign(SLUG);
  if (!campaign) throw new Error('no campaign');
  return campaign;
}

test('a folder becomes an open campaign with its sponsor and contract, and its master opens', async () => {
  const { campaign, created } = await campaigns.importCampaign(folderWith(files()), options);
  expect(created).toBe(true);
  expect(campaign).toMatchObject({
    status: 'open',
    sponsors: ['acme-cloud'],
    whitepaper: { pages: 2, fileName: `${SLUG}.pdf` },
  });
  expect(campaign.form).toMatchObject({
    version: 1,
    fields: [{ key: 'email', type: 'email' }, {}, { help: 'Its full name' }, {}, {}, {}],
  });
  expect(campaign.consents.map(({ key, version }) => [key, version])).toEqual([
    ['publisher', 1],
    ['acme-cloud', 1],
  ]);
  expect(await findSponsor('acme-cloud')).toMatchObject({
    name: 'ACME Cloud',
    privacyUrl: 'https://acme-cloud.example/privacy',
  });
  expect(await contractsOfCampaign(SLUG)).toMatchObject([{ id: `${SLUG}/acme-cloud`, cap: 200, overflow: 'hold' }]);
  const master = await campaigns.masterOf(campaign, dataDir);
  expect(master.slots.pages).toBe(2);
});

test('export and import into an empty store give the same campaign, terms and files', async () => {
  const { campaign } = await campaigns.importCampaign(folderWith(files()), options);
  const contracts = await contractsOfCampaign(SLUG);
  const out = folderWith({});
  await campaigns.exportCampaign(SLUG, out);
  await emptyStore();
  const { campaign: again } = await campaigns.importCampaign(out, options);
  expect(definition(again)).toEqual(definition(campaign));
  expect(await contractsOfCampaign(SLUG)).toEqual(contracts);
  expect(readdirSync(out).sort()).toEqual(['article.md', 'campaign.yaml', 'cover.svg', 'whitepaper.pdf']);
  expect(readFileSync(join(out, 'whitepaper.pdf')).equals(pdf)).toBe(true);
});

test('what closed by its date goes and comes as closed, and an installation takes it', async () => {
  await campaigns.importCampaign(folderWith(files()), options);
  const closes = new Date(Date.now() - 60_000);
  await mongoose.connection.collection<{ _id: string }>('campaigns').updateOne({ _id: SLUG }, { $set: { closes } });
  const out = folderWith({});
  await campaigns.exportCampaign(SLUG, out);
  await emptyStore();
  const { campaign } = await campaigns.importCampaign(out, options);
  expect(campaign.status).toBe('closed');
  expect(Math.abs(Number(campaign.closes) - closes.getTime())).toBeLessThan(1000);
});

test('follow-ups and confirm-first leave and come back as they were, and an edit that shows neither keeps both', async () => {
  const followUps = [
    {
      afterDays: 3,
      subject: 'Three days on',
      body: 'Dear {{firstName}},\n\nwhat did you think?',
      consent: 'publisher',
    },
    { afterDays: 0.5, subject: 'Later today', body: 'From ACME.', consent: 'acme-cloud' },
  ];
  const yaml = CAMPAIGN_YAML.replace(
    'body: Here it is. }',
    `body: Here it is., followUps: ${JSON.stringify(followUps)} }\nconfirmFirst: true`,
  );
  await campaigns.importCampaign(folderWith(files({ 'campaign.yaml': yaml })), options);
  const out = folderWith({});
  await campaigns.exportCampaign(SLUG, out);
  await emptyStore();
  const { campaign } = await campaigns.importCampaign(out, options);
  expect(campaign).toMatchObject({ confirmFirst: true, mail: { subject: 'Your copy', followUps } });
  const fields = fieldsFrom(campaign, [], [], await campaigns.site());
  const typed = followUps.map((one) => ({ ...one, afterDays: String(one.afterDays) }));
  expect(definitionFrom(fields, campaign)).toMatchObject({ confirmFirst: true, mail: { followUps: typed } });
});

test('what an import over a campaign would change is said place by place, and what it changed is in the audit log', async () => {
  await campaigns.importCampaign(folderWith(files()), options);
  const same = await campaigns.compareCampaign(await campaigns.readCampaign(folderWith(files())));
  expect(same.differences).toEqual([]);
  const yaml = CAMPAIGN_YAML.replace('title: Locks and keys', 'title: Keys')
    .replace('help: Its full name', 'help: In full')
    .replace('{ key: phone }', '{ key: jobTitle }')
    .replace('cap: 200', 'cap: 300')
    .replace('closes: 2036-01-01', 'closes: 2036-02-01');
  const { 'cover.svg': _, ...rest } = files({ 'campaign.yaml': yaml, 'whitepaper.pdf': await paper(3) });
  const read = await campaigns.readCampaign(folderWith(rest));
  const { known, differences } = await campaigns.compareCampaign(read);
  const byPlace = new Map(differences.map(({ at, before, after }) => [at, [before, after]]));
  expect(known?.title).toBe('Locks and keys');
  expect(byPlace.get('title')).toEqual(['Locks and keys', 'Keys']);
  expect(byPlace.get('form[company].help')).toEqual(['Its full name', 'In full']);
  expect(byPlace.get('form')?.[1]).toBe('email, firstName, company, country, jobTitle, q.units');
  expect(byPlace.get('sponsors[acme-cloud].contract.cap')).toEqual(['200', '300']);
  expect(byPlace.get('cover')?.[1]).toBeUndefined();
  expect([...byPlace.keys()]).toEqual(
    expect.arrayContaining(['closes', 'whitepaper.pdf', 'form[jobTitle].required', 'form[phone].required']),
  );
  expect((await stored()).title).toBe('Locks and keys');

  await campaigns.keepCampaign(read, { ...options, revision: known?.revision ?? 0 });
  const [entry] = await listAudit(1);
  expect(entry).toMatchObject({
    action: 'updated campaign',
    before: { title: 'Locks and keys' },
    after: { title: 'Keys' },
  });
  expect(Object.keys(entry?.before ?? {})).not.toContain('introduction');
  // Somebody was quicker since the differences were shown.
  const late = campaigns.keepCampaign(read, { ...options, revision: known?.revision ?? 0 });
  await expect(late).rejects.toMatchObject({ code: 'edited-meanwhile' });
});

test('an archive gives back what went in, from its root or its folder; what is none is refused by name', async () => {
  const { campaign } = await campaigns.importCampaign(folderWith(files()), options);
  const packed = await campaigns.campaignFiles(campaign);
  expect(await filesInZip(await zipOf(packed))).toEqual(packed);
  const inFolder = new Map([...packed].map(([name, bytes]) => [`${SLUG}/${name}`, bytes]));
  expect(await filesInZip(await zipOf(new Map([...inFolder, ['__MACOSX/campaign.yaml', Buffer.from('x')]])))).toEqual(
    packed,
  );
  for (const [bytes, words] of [
    [Buffer.from('not a zip'), /not the archive/],
    [await zipOf(new Map([...packed, ...inFolder])), /campaign\.yaml twice/],
    [await zipOf(new Map([['campaign.yaml', Buffer.alloc(2 * 1024 * 1024)]])), /larger than 1 MB/],
  ] as const) {
    await expect(filesInZip(bytes)).rejects.toMatchObject({
      code: 'zip-unreadable',
      reader: expect.stringMatching(words),
    });
  }
});

test('a changed text or form is a new version; what was is kept; what returns counts on', async () => {
  const read = (from: string, to: string) =>
    campaigns.importCampaign(folderWith(files({ 'campaign.yaml': CAMPAIGN_YAML.replace(from, to) })), options);
  await read('', '');
  await read('Send me news.', 'Send me good news.');
  expect((await stored()).consents.map(({ version }) => version)).toEqual([2, 1]);
  expect((await stored()).form.version).toBe(1);
  await read('{ key: phone }', '{ key: phone, required: true }');
  expect((await stored()).consents.map(({ version }) => version)).toEqual([3, 1]);
  expect((await stored()).form.version).toBe(2);
  const consent = (await campaigns.versionsOf(SLUG)).filter(({ subject }) => subject === 'consent.publisher');
  expect(consent.map(({ version, content }) => [version, content])).toEqual([
    [1, { text: 'Send me news.' }],
    [2, { text: 'Send me good news.' }],
    [3, { text: 'Send me news.' }],
  ]);
});

test('the same folder again changes no version and compiles nothing', async () => {
  const folder = folderWith(files());
  const first = await campaigns.importCampaign(folder, options);
  const second = await campaigns.importCampaign(folder, options);
  expect([first.created, second.created]).toEqual([true, false]);
  expect(second.campaign).toEqual({ ...first.campaign, revision: 2 });
});

test('two imports at once make one campaign and one version of each text', async () => {
  const folder = folderWith(files({ 'campaign.yaml': CAMPAIGN_YAML.replace('status: open', 'status: draft') }));
  const done = await Promise.all([1, 2, 3].map(() => campaigns.importCampaign(folder, options)));
  expect(done.filter(({ created }) => created)).toHaveLength(1);
  expect((await campaigns.versionsOf(SLUG)).map(({ version }) => version)).toEqual([1, 1, 1]);
});

test('the same PDF with the same stamp is compiled once, whoever publishes it', async () => {
  const same = (slug: string) =>
    folderWith(files({ 'campaign.yaml': CAMPAIGN_YAML.replace('slug: locks-and-keys', `slug: ${slug}`) }));
  const done = await Promise.all(['one', 'two'].map((slug) => campaigns.importCampaign(same(slug), options)));
  expect(new Set(done.map(({ campaign }) => campaign.whitepaper?.master)).size).toBe(1);
});

test('a PDF that is none is refused with the reason, and the campaign stays as it was', async () => {
  await campaigns.importCampaign(folderWith(files()), options);
  const before = await stored();
  const broken = folderWith(
    files({ 'whitepaper.pdf': 'not a pdf', 'campaign.yaml': CAMPAIGN_YAML.replace('Locks and keys', 'Other') }),
  );
  await expect(campaigns.importCampaign(broken, options)).rejects.toMatchObject({
    code: 'whitepaper-refused',
    kind: 'invalid',
  });
  expect(await stored()).toEqual(before);
});

test('a new PDF gives a new master; the old one still opens', async () => {
  await campaigns.importCampaign(folderWith(files()), options);
  const old = (await stored()).whitepaper;
  await campaigns.importCampaign(folderWith(files({ 'whitepaper.pdf': await paper(3) })), options);
  expect((await stored()).whitepaper).toMatchObject({ pages: 3 });
  expect((await campaigns.masterOf(old?.master ?? '', dataDir)).slots.pages).toBe(2);
});

test('a master whose cache is gone or damaged is brought again from the store', async () => {
  const { campaign } = await campaigns.importCampaign(folderWith(files()), options);
  const dir = join(dataDir, 'cache', 'masters', campaign.whitepaper?.master ?? '');
  await campaigns.closeMasters();
  writeFileSync(join(dir, 'template.bin'), 'half');
  expect((await campaigns.masterOf(campaign, dataDir)).slots.pages).toBe(2);
  await campaigns.closeMasters();
  rmSync(dir, { recursive: true });
  expect((await campaigns.masterOf(campaign, dataDir)).slots.pages).toBe(2);
});

test('the life of a campaign: draft, open, paused, closed', async () => {
  const draft = files({ 'campaign.yaml': CAMPAIGN_YAML.replace('status: open\n', '') });
  await campaigns.importCampaign(folderWith(draft), options);
  expect(await stored()).toMatchObject({ status: 'draft' });
  expect((await stored()).whitepaper).toBeUndefined();
  await expect(campaigns.pause(SLUG, 'a')).rejects.toMatchObject({ code: 'campaign-is-draft' });
  await campaigns.publish(SLUG, 'a', dataDir);
  expect((await stored()).whitepaper).toMatchObject({ pages: 2 });
  expect(await campaigns.openCampaigns(new Date('2030-01-01'), { topic: 'access-control' })).toHaveLength(1);
  expect(await campaigns.openCampaigns(new Date('2030-01-01'), { topic: 'other' })).toHaveLength(0);
  expect(await campaigns.openCampaigns(new Date('2025-01-01'))).toHaveLength(0);
  await campaigns.pause(SLUG, 'a');
  expect((await stored()).status).toBe('paused');
  await campaigns.close(SLUG, 'a');
  expect((await stored()).status).toBe('closed');
  await expect(campaigns.publish('nobody', 'a', dataDir)).rejects.toMatchObject({ code: 'unknown-campaign' });
});

test.each([
  [
    'nobody named in the consent',
    'ACME Cloud may contact me.',
    'Our partners may.',
    'don’t name ACME Cloud',
    'consents',
  ],
  [
    'an end that is over',
    '2026-01-01\ncloses: 2036-01-01',
    '2020-01-01\ncloses: 2021-01-01',
    'closes in the past',
    'status',
  ],
  [
    'a name that nothing fills in',
    'body: Here it is.',
    'body: "Hello {{shoeSize}}"',
    '{{shoeSize}} would stay',
    'mail.body',
  ],
])('a file that says it is open has to be ready: %s', async (_what, from, to, missing, at) => {
  const yaml = CAMPAIGN_YAML.replace(from, to);
  const folder = folderWith(files({ 'campaign.yaml': yaml }));
  await expect(campaigns.importCampaign(folder, options)).rejects.toMatchObject({
    code: 'not-ready',
    reader: expect.stringContaining(missing),
  });
  expect(await campaigns.findCampaign(SLUG)).toBeNull();
  expect(await campaigns.versionsOf(SLUG)).toEqual([]);
  const definition = { ...parse(yaml), status: 'open' };
  const pdf = readFileSync(join(folder, 'whitepaper.pdf'));
  const saved = await campaigns.saveCampaign({ definition, pdf, isNew: true, ...options });
  expect(saved).toMatchObject({ problems: [{ path: at.split('.'), message: expect.stringContaining(missing) }] });
  expect(await campaigns.findCampaign(SLUG)).toBeNull();
});

test('a campaign without PDF can be kept as a draft and not be published', async () => {
  const folder = folderWith({ 'campaign.yaml': CAMPAIGN_YAML.replace('status: open', 'status: draft') });
  await campaigns.importCampaign(folder, options);
  await expect(campaigns.publish(SLUG, 'a', dataDir)).rejects.toMatchObject({ code: 'no-whitepaper' });
});

describe('at start', () => {
  const told: string[] = [];
  const log = {
    info: (_: object, message: string) => void told.push(message),
    error: (_: object, message: string) => void told.push(message),
  };

  function whitepapers(campaign: string): string {
    const folder = folderWith({
      'site.yaml': 'name: Doors Weekly\ncontactEmail: hello@doors.example\ntimezone: Europe/Berlin\n',
    });
    for (const [name, yaml] of Object.entries({ good: campaign, bad: 'slug: bad\n' })) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'campaign.yaml'), yaml);
    }
    mkdirSync(join(folder, 'notes'));
    return folder;
  }

  test('the site and unknown campaigns come in; a bad folder is told with its lines and stops nothing', async () => {
    const yaml = CAMPAIGN_YAML.replace('status: open', 'status: draft');
    await campaigns.importAll(whitepapers(yaml), { dataDir, log });
    expect(await campaigns.site()).toMatchObject({ name: 'Doors Weekly', legalName: 'Doors Weekly', locale: 'en-GB' });
    expect((await stored()).opens?.toISOString()).toBe('2025-12-31T23:00:00.000Z');
    expect(told.join('\n')).toMatch(/bad was not imported: campaign\.yaml:1: /);
  });

  test('an existing campaign is left alone', async () => {
    const yaml = CAMPAIGN_YAML.replace('status: open', 'status: draft');
    await campaigns.importAll(whitepapers(yaml), { dataDir, log });
    const before = await stored();
    await campaigns.importAll(whitepapers(yaml.replace('Locks and keys', 'Other')), { dataDir, log });
    expect(await stored()).toEqual(before);
  });

  test('a site that is wrong is told with its line', async () => {
    told.length = 0;
    const folder = folderWith({
      'site.yaml': 'name: X\ncontactEmail: hello@doors.example\ntimezone: Mars/Olympus\nlocal: de\n',
    });
    await campaigns.importAll(folder, { dataDir, log });
    expect(told[0]).toContain(
      'site.yaml:3: timezone: takes a time zone such as Europe/London\nsite.yaml:4: local: is not known here',
    );
  });
});
