import mongoose from 'mongoose';

import request, { type Agent, type Response } from 'supertest';
import { listAccounts, makeApiKey, SPONSOR_VERBS } from '../../src/accounts/accounts';
import { addDestination, passOn } from '../../src/destinations/destinations';
import { putProfile, run } from '../../src/exports/exports';
import { standard } from '../../src/exports/profile.types';
import * as ledger from '../../src/ledger/ledger';
import { findContract } from '../../src/sponsors/sponsors';
import { asHouse, refuseUnscoped } from '../../src/store/scope';
import { bytesOf, importDraft } from '../exports/desk';
import { appOf, browserOf } from '../exports/people';
import { routesOf } from '../support/routes';
import { ask, SLUG, sponsor } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';
import { testServices } from './app';

/** A sponsor tries every route of the portal and the API with what is another's, and learns and changes nothing. */

useStore();
const services = testServices();
const app = appOf(services);
/** Stands in everything that is the other's. */
const SECRET = 'nrthgt';
const THEIR_CAMPAIGN = `only-${SECRET}`;
const OWNED = [
  'settlements',
  'places',
  'returns',
  'dispositions',
  'exportprofiles',
  'apikeys',
  'accounts',
  'contracts',
  'disclosures',
  'destinations',
  'webhookmessages',
];

interface Theirs {
  leads: string[];
  ids: string[];
}

async function seed(): Promise<Theirs> {
  await importDraft();
  await importDraft((yaml) =>
    yaml.replaceAll('locks-and-keys', THEIR_CAMPAIGN).replace('title: Locks', `title: ${SECRET} locks`),
  );
  const returns = { returns: { days: 3650, percent: 100 } };
  await sponsor('acme-cloud', returns);
  await sponsor('northgate', returns);
  await sponsor('northgate', returns, THEIR_CAMPAIGN);
  await mongoose.connection.collection('contracts').deleteOne({ _id: `${THEIR_CAMPAIGN}/acme-cloud` as never });
  const theirs: Theirs = { leads: [], ids: ['northgate'] };
  for (const [n, campaign] of [SLUG, SLUG, THEIR_CAMPAIGN].entries()) {
    const email = `reader${n}@${SECRET}.example`;
    const { lead } = await ask({ campaign, email, firstName: SECRET, company: SECRET, yes: ['northgate'] });
    await ledger.settle(lead, new Date());
    theirs.leads.push(lead);
  }
  const own = await ask({ email: 'mine@own.example' });
  await ledger.settle(own.lead, new Date());
  const contract = await findContract(SLUG, 'northgate');
  if (!contract) throw new Error('no contract');
  const [given = '', kept = '', other = ''] = theirs.leads;
  theirs.leads = [kept, other];
  const by = `nora@${SECRET}.example`;
  await ledger.askReturn(contract, { lead: given, reason: 'other', note: SECRET, by }, new Date());
  await ledger.dispose(contract, { lead: kept, disposition: 'won', note: SECRET, by }, new Date());
  const profile = await putProfile({ ...standard('csv'), sponsor: 'northgate', name: SECRET, by });
  const { stream } = await run({ campaign: SLUG, sponsor: 'northgate', profile: profile.id, actor: by });
  await bytesOf(stream);
  const { key } = await makeApiKey(
    { name: SECRET, sponsor: 'northgate', verbs: SPONSOR_VERBS, createdBy: by },
    new Date(),
  );
  const url = `https://${SECRET}.example/leads`;
  const destination = await addDestination({ sponsor: 'northgate' }, { name: SECRET, url, by }, services);
  await passOn(10);
  theirs.ids.push(profile.id, key.id, destination.id);
  return theirs;
}

/** The other's rows of every collection that has some. */
async function rowsOfTheirs(): Promise<Record<string, unknown[]>> {
  const filter = { $or: [{ sponsor: 'northgate' }, { contract: /\/northgate$/ }] };
  const past = await mongoose
    .createConnection(process.env['GATEFOLD_TEST_URI'] ?? '', { dbName: mongoose.connection.name })
    .asPromise();
  const read = async (name: string) => {
    const rows = await past.collection(name).find(filter).sort({ _id: 1 }).toArray();
    return [name, rows.map(({ lastUsedAt: _, ...row }) => row)] as const;
  };
  const all = Object.fromEntries(await Promise.all(OWNED.map(read)));
  await past.close();
  return all;
}

/** A path with its parameters filled in each way in which at least one is another's. */
function attacks(path: string, { leads, ids }: Theirs): string[] {
  const strange: Record<string, string[]> = {
    slug: [THEIR_CAMPAIGN],
    campaign: [THEIR_CAMPAIGN],
    sponsor: ['northgate'],
    lead: leads,
    id: ids.slice(1),
  };
  const own: Record<string, string[]> = { slug: [SLUG], campaign: [SLUG], sponsor: ['acme-cloud'] };
  let filled = [{ path, foreign: !/:(slug|campaign|sponsor|lead|id)\b/.test(path) }];
  for (const [, name = ''] of path.matchAll(/:(\w+)/g)) {
    const others = strange[name] ??
      { month: ['2026-11'], format: ['csv'], verb: ['accept'] }[name] ?? [...ids, ...leads];
    const values = [
      ...others.map((value) => ({ value, foreign: name in strange })),
      ...(own[name] ?? []).map((value) => ({ value, foreign: false })),
    ];
    filled = filled.flatMap((one) =>
      values.map(({ value, foreign }) => ({
        path: one.path.replace(`:${name}`, value),
        foreign: one.foreign || foreign,
      })),
    );
  }
  return [...new Set(filled.filter(({ foreign }) => foreign).map((one) => one.path))];
}

/** All that a form or a call may name. */
const bodyOf = ({ leads, ids }: Theirs, _csrf: string | undefined) => ({
  ...{ _csrf, campaigns: THEIR_CAMPAIGN, campaign: THEIR_CAMPAIGN },
  ...{ sponsor: 'northgate', lead: leads[0], id: ids[1], profile: ids[1], number: '1', range: 'all' },
  ...{ reason: 'bad-data', disposition: 'contacted', note: 'mine', words: 'x', decision: 'accept' },
});

test('with another sponsor’s ids, every route of portal and API says nothing and changes nothing', async () => {
  await emptyStore();
  const theirs = await seed();
  const browser = await browserOf(app(), 'sponsor-admin', { email: 'ada@acme.example', sponsor: 'acme-cloud' });
  const nora = await browserOf(app(), 'sponsor-admin', { email: `nora@${SECRET}.example`, sponsor: 'northgate' });
  theirs.ids.push(...(await listAccounts({ sponsor: 'northgate' })).map(({ id }) => id));
  const document = (await request(app()).get('/api/v1/openapi.json')).body;
  // The other sees it all: what is looked for is there to be found.
  for (const path of [
    `/portal/campaigns/${SLUG}`,
    `/portal/campaigns/${SLUG}/ledger/returns`,
    '/portal/profiles',
    '/portal/api-keys',
  ]) {
    expect((await nora.get(path).expect(200)).text.replaceAll('@nrthgt.example</a>', '')).toContain(SECRET);
  }
  const before = await rowsOfTheirs();
  expect(Object.values(before).filter((rows) => rows.length > 0).length).toBeGreaterThan(7);
  const [, csrf] = /name="_csrf" value="([^"]+)"/.exec((await browser.get('/portal/profiles')).text) ?? [];
  // As in a server: what the data layer is asked for by nobody, it refuses.
  refuseUnscoped();
  const routes = routesOf(app()).filter(({ path }) => /^\/(portal|api\/v1)(\/|$)/.test(path));
  const wrong: string[] = [];
  let tried = 0;
  for (const { method, path } of routes) {
    const api = path.startsWith('/api');
    const described = document.paths[path.replace('/api/v1', '').replace(/:(\w+)/g, '{$1}')]?.[method];
    const body = api ? described?.requestBody?.content['application/json']?.example : bodyOf(theirs, csrf);
    // Each route has a key of its own: nothing is to be refused because there was too much of it.
    const agent = api ? await programOf(path) : browser;
    for (const url of attacks(path, theirs)) {
      const answer = await attack(agent, { method, url, body });
      tried += 1;
      const said = `${answer.status} ${method} ${url}`;
      if (answer.status >= 500 || answer.status === 429) wrong.push(said);
      // What was asked for may be named in the answer; nothing else of theirs.
      const text = (answer.text ?? '').replaceAll(THEIR_CAMPAIGN, '');
      if (text.includes(SECRET))
        wrong.push(`${said}: ${text.slice(Math.max(0, text.indexOf(SECRET) - 80), text.indexOf(SECRET) + 80)}`);
      const named = new RegExp(
        `/(${[THEIR_CAMPAIGN, 'northgate', ...theirs.leads, ...theirs.ids].join('|')})(/|\\.|$)`,
      ).test(url);
      if (named && answer.status < 300) wrong.push(said);
    }
  }
  refuseUnscoped(false);
  expect(wrong).toEqual([]);
  expect(await rowsOfTheirs()).toEqual(before);
  expect(routes.length).toBeGreaterThan(40);
  expect(tried).toBeGreaterThan(routes.length);
});

/** A program with a key of its own that may do all that a sponsor's can. */
async function programOf(name: string): Promise<Agent> {
  const by = { sponsor: 'acme-cloud', createdBy: 'ada@acme.example' };
  const wanted = { name: name.slice(0, 100), verbs: SPONSOR_VERBS, ...by };
  const { text } = await asHouse(() => makeApiKey(wanted, new Date()));
  return request.agent(app()).set('Authorization', `Bearer ${text}`) as unknown as Agent;
}

type Attack = { method: string; url: string; body: object | undefined };

function attack(agent: Agent, { method, url, body }: Attack): Promise<Response> {
  const call = agent[method as 'get'](url);
  if (method === 'get' || !body) return call.query({ campaign: THEIR_CAMPAIGN });
  if (url.startsWith('/api')) return call.type('application/json').send(JSON.stringify(body));
  if (!url.endsWith('/import')) return call.type('form').send(body);
  return call.field(body as Record<string, string>).attach('file', fileOf(body), 'x.csv');
}

/** The other's lead, in a file. */
const fileOf = (body: object): Buffer => {
  const { lead } = body as { lead: string };
  return Buffer.from(`lead_id,reason,disposition,note\n${lead},bad-data,won,mine\n`);
};
