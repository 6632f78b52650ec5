import type { Agent } from 'supertest';
import { listAudit } from '../../src/accounts/accounts';
import { findCampaign, saveCampaign } from '../../src/campaigns/campaigns';
import { campaignFile } from '../../src/campaigns/export';
import { findContract } from '../../src/sponsors/sponsors';
import { importDraft } from '../exports/desk';
import { appOf, browserOf } from '../exports/people';
import { ask, SLUG, sponsor } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';
import { testServices } from '../web/app';

useStore();
const services = testServices();
const app = appOf(services);
const PAGE = `/staff/ledger/${SLUG}/acme-cloud/terms`;

beforeEach(async () => {
  await emptyStore();
  await importDraft();
});

type Fields = Record<string, string | string[]>;

/** The fields of the page as a browser would send them, with what somebody typed over them. */
function fieldsOf(html: string, typed: Fields = {}): Fields {
  const fields: Fields = {};
  const attribute = (tag: string, name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
  const form = html.slice(html.indexOf('<form class="stack terms'));
  for (const [tag] of form.matchAll(/<input [^>]*>/g)) {
    if (/type="checkbox"/.test(tag) && !/ checked/.test(tag)) continue;
    const name = attribute(tag, 'name');
    fields[name] = name in fields ? [fields[name] ?? '', attribute(tag, 'value')].flat() : attribute(tag, 'value');
  }
  for (const [, name = '', options = ''] of form.matchAll(/<select [^>]*name="([^"]+)"[^>]*>(.*?)<\/select>/gs)) {
    fields[name] = /value="([^"]*)" selected/.exec(options)?.[1] ?? /value="([^"]*)"/.exec(options)?.[1] ?? '';
  }
  for (const [, name = '', text = ''] of form.matchAll(/<textarea [^>]*name="([^"]+)"[^>]*>\n?(.*?)<\/textarea>/gs)) {
    fields[name] = text;
  }
  return { ...fields, ...typed };
}

async function send(agent: Agent, typed: Fields, { from = '' } = {}) {
  const html = from || (await agent.get(PAGE).expect(200)).text;
  const post = agent.post(PAGE);
  for (const [name, value] of Object.entries(fieldsOf(html, typed))) {
    for (const one of [value].flat()) post.field(name, one);
  }
  return post;
}

const contract = async () => {
  const { id: _, changedAt: __, ...terms } = (await findContract(SLUG, 'acme-cloud')) ?? { id: '' };
  return terms;
};
const plain = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');

test('sending the page as it came changes nothing, seconds and lists included', async () => {
  const staff = await browserOf(app(), 'marketer');
  const terms = {
    ...{ cap: 3, price: { amount: 4550, currency: 'GBP' }, overflow: 'next' as const, perCompanyDomain: 2 },
    ...{ from: new Date('2026-10-01T08:30:15Z'), to: new Date('2026-12-31T00:00:00Z'), pacing: { day: 1, month: 9 } },
    filters: [
      { field: 'q.units', in: ['gt1000'] },
      { field: 'country', in: ['GB', 'IE'] },
      { field: 'country', in: ['GB'] },
    ],
    ...{ businessOnly: true, provedOnly: true },
    domains: [
      { name: 'competitors', exclude: ['rival.example', 'xn--bcher-kva.example'] },
      { name: 'accounts', include: ['acme-homes.example'] },
    ],
    duplicates: { scope: 'sponsor' as const, days: 90, match: 'address' as const },
    returns: { days: 14, percent: 7.5 },
  };
  await sponsor('acme-cloud', terms);
  expect((await send(staff, {})).status).toBe(303);
  const { filters, ...others } = (await contract()) as typeof terms;
  const { filters: before, ...same } = terms;
  expect(others).toEqual({ campaign: SLUG, sponsor: 'acme-cloud', ...same });
  expect(filters).toHaveLength(3);
  expect(filters).toEqual(expect.arrayContaining(before));
});

test('everything that a contract can say is typed on the page, and kept with what was before in the audit log', async () => {
  const staff = await browserOf(app(), 'marketer');
  const answer = await send(staff, {
    ...{ cap: '150', price: '30 EUR', from: '2026-10-01T08:30', to: '2027-01-01T00:00', perCompanyDomain: '' },
    ...{ 'pacing.week': '20', 'filter.country': 'GB, FR', 'filter.q.units': ['lt1000', 'gt1000'], businessOnly: 'yes' },
    ...{
      'list.0.name': 'competitors',
      'list.0.kind': 'exclude',
      'list.0.domains': '@Rival.example\nwww.other.example',
    },
    ...{ 'duplicates.scope': 'all', 'duplicates.days': '30', 'returns.days': '10', 'returns.percent': '5' },
  });
  expect([answer.status, answer.headers['location']]).toEqual([303, `/staff/ledger/${SLUG}/acme-cloud`]);
  expect(await contract()).toMatchObject({
    ...{
      cap: 150,
      price: { amount: 3000, currency: 'EUR' },
      pacing: { week: 20 },
      businessOnly: true,
      overflow: 'hold',
    },
    filters: expect.arrayContaining([
      { field: 'country', in: ['GB', 'FR'] },
      { field: 'q.units', in: ['lt1000', 'gt1000'] },
    ]),
    domains: [{ name: 'competitors', exclude: ['rival.example', 'other.example'] }],
    duplicates: { scope: 'all', days: 30, match: 'mailbox' },
    returns: { days: 10, percent: 5 },
  });
  expect(await contract()).not.toHaveProperty('perCompanyDomain');
  const [entry] = await listAudit();
  expect(entry).toMatchObject({ actor: 'marketer@doors.example', action: 'updated campaign', subject: SLUG });
  expect(entry?.before).toMatchObject({ 'sponsors[acme-cloud].contract.cap': '200' });
  expect(entry?.after).toMatchObject({ 'sponsors[acme-cloud].contract.cap': '150' });
});

test('what is wrong is told at its field, which of a long list too, and nothing typed is lost', async () => {
  const staff = await browserOf(app(), 'marketer');
  const before = await contract();
  const { status, text } = await send(staff, {
    ...{
      cap: 'many',
      price: '30 pounds',
      'filter.country': 'GB, Narnia',
      'returns.days': '10',
      from: '2026-99-01T08:30',
    },
    ...{ 'list.3.name': '', 'list.3.domains': 'good.example\nnot a domain' },
  });
  expect(status).toBe(422);
  const page = plain(text);
  expect(text).toContain('<title>Error: Terms of ACME Cloud');
  for (const words of ['Leads: takes a number in digits', 'Price: takes an amount and its currency'])
    expect(page).toContain(words);
  expect(page).toContain('From: takes a day such as');
  expect(page).toContain('At most, percent: has to be filled in');
  expect(page).toContain('List 4, name: has to be filled in');
  expect(page).toMatch(/List 4, domains: “(not|a|domain)” takes domains such as acme.example/);
  for (const typed of ['value="many"', 'value="30 pounds"', 'GB, Narnia', 'not a domain'])
    expect(text).toContain(typed);
  for (const [, field = ''] of text.matchAll(/<li><a href="#(t-[^"]+)"/g)) expect(text).toContain(`id="${field}"`);
  expect(await contract()).toEqual(before);
  const second = await send(staff, { 'filter.country': 'GB, Narnia' });
  expect(plain(second.text)).toContain('Narnia is none of the answers to country');
  const backwards = await send(staff, { from: '2026-10-02T00:00', to: '2026-10-01T00:00' });
  expect(plain(backwards.text)).toContain('To: has to be after from');
});

test('a trial says how many of the last 90 days it would have taken, and why not the others; nothing is kept', async () => {
  const staff = await browserOf(app(), 'marketer');
  const before = await contract();
  const day = (n: number) => new Date(services.now().getTime() - n * 86_400_000);
  await ask({ at: day(1), email: 'one@a.example' });
  await ask({ at: day(2), email: 'two@b.example', country: 'DE' });
  await ask({ at: day(3), email: 'three@mail.rival.example' });
  await ask({ at: day(4), email: 'four@d.example', yes: [] });
  await ask({ at: day(89), email: 'five@e.example', q: { units: 'lt1000' } });
  await ask({ at: day(91), email: 'old@f.example' });
  const trial = async (typed: Fields) => {
    const { status, text } = await send(staff, { do: 'try', ...typed });
    expect(status).toBe(200);
    return plain(text);
  };
  const all = await trial({ 'filter.country': '', from: '', to: '' });
  expect(all).toContain('Would have accepted 4 of 5');
  expect(all).toContain('the reader did not agree to be passed on 1');
  const some = await trial({
    ...{ 'filter.country': 'GB', 'filter.q.units': 'gt1000', from: '2031-01-01T00:00' },
    ...{ 'list.0.name': 'competitors', 'list.0.domains': 'rival.example' },
  });
  expect(some).toContain('Would have accepted 1 of 5');
  for (const words of ['the filter on country takes GB 1', 'the filter on units takes gt1000 1'])
    expect(some).toContain(words);
  expect(some).toContain('the list of domains “competitors” 1');
  expect(await contract()).toEqual(before);
});

test('whoever saved in between is told of, what was typed stays, and the terms are those of the first', async () => {
  const staff = await browserOf(app(), 'marketer');
  const { text: page } = await staff.get(PAGE).expect(200);
  const campaign = await findCampaign(SLUG);
  if (!campaign) throw new Error('no campaign');
  const { status: _, ...definition } = await campaignFile(campaign);
  await saveCampaign({
    definition: { ...definition, title: 'Another title' },
    actor: 'x',
    dataDir: '/tmp',
    isNew: false,
  });
  const late = await send(staff, { cap: '7' }, { from: page });
  expect(late.status).toBe(409);
  expect(plain(late.text)).toContain('Somebody else has saved this campaign meanwhile');
  expect(late.text).toContain('value="7"');
  expect(await contract()).toMatchObject({ cap: 200 });
  expect((await findCampaign(SLUG))?.title).toBe('Another title');
  expect((await send(staff, { cap: '7' }, { from: late.text })).status).toBe(303);
  expect(await contract()).toMatchObject({ cap: 7 });
});

test('an analyst looks and changes nothing; the sponsor has no such page', async () => {
  const marketer = await browserOf(app(), 'marketer');
  const { text: form } = await marketer.get(PAGE).expect(200);
  const analyst = await browserOf(app(), 'analyst');
  const { text } = await analyst.get(PAGE).expect(200);
  expect(text).toContain('can look at terms and not change them');
  expect(text).not.toContain('Save the terms');
  const token = /name="_csrf" value="([^"]*)"/.exec(text)?.[1] ?? '';
  expect((await send(analyst, { _csrf: token, cap: '1' }, { from: form })).status).toBe(403);
  const theirs = await browserOf(app(), 'sponsor-admin', { email: 'ada@acme.example', sponsor: 'acme-cloud' });
  expect((await theirs.get(PAGE)).status).toBe(403);
  await theirs.get(`/portal/campaigns/${SLUG}/ledger/terms`).expect(404);
  expect(await contract()).toMatchObject({ cap: 200 });
});

test('a list of twenty thousand domains fits the form', async () => {
  const staff = await browserOf(app(), 'marketer');
  const domains = Array.from({ length: 20_000 }, (_, i) => `company-number-${i}.example`).join('\n');
  expect((await send(staff, { 'list.0.name': 'customers', 'list.0.domains': domains })).status).toBe(303);
  expect(((await contract()) as { domains?: { exclude?: string[] }[] }).domains?.[0]?.exclude).toHaveLength(20_000);
});
