import type { Agent } from 'supertest';
import request from 'supertest';
import { pageOfDeliveries } from '../../src/deliveries/deliveries';
import * as leads from '../../src/leads/leads';
import { startWorker } from '../../src/worker';
import { appOf, browserOf } from '../exports/people';
import { importCampaign, SLUG, testServices } from '../landing/app';
import { eventually } from '../support/server';
import { useStore } from '../support/store';

/**
 * Every form of the staff site and the sponsors' portal, found by following links, is sent with nonsense in each of its
 * fields: whatever comes back is an answer in words, never an error of ours, and what was typed is still there.
 */
jest.setTimeout(300_000);
useStore();
const services = testServices();
const app = appOf(services);

interface Field {
  name: string;
  type: string;
  value: string;
  /** Good for one try, so that nobody wants it back. */
  once: boolean;
}
interface Form {
  page: string;
  action: string;
  fields: Field[];
  multipart: boolean;
}

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll('&#34;', '"').replaceAll('&amp;', '&');

function formsOf(page: string, html: string): Form[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)]
    .filter(([, head = '']) => attribute(head, 'method') === 'post')
    .map(([, head = '', body = '']) => {
      const fields = [...body.matchAll(/<(input|textarea|select)\b[^>]*>/g)].flatMap(([tag, kind = '']) => {
        const name = attribute(tag, 'name');
        const type = kind === 'input' ? (attribute(tag, 'type') ?? 'text') : kind;
        return name === undefined
          ? []
          : [{ name, type, value: attribute(tag, 'value') ?? '', once: tag.includes('one-time-code') }];
      });
      const action = attribute(head, 'action') ?? page;
      return { page, action: action === '' ? page : action, fields, multipart: head.includes('multipart') };
    });
}

/** What is typed into; the rest is what the page itself says. */
const TYPED = ['text', 'email', 'url', 'search', 'tel', 'number', 'date', 'datetime-local', 'password', 'textarea', 'select', 'checkbox', 'radio']; // biome-ignore format: one line
const isTyped = ({ type }: Field): boolean => TYPED.includes(type);
/** Shown again as it was; a password never is, and the browser keeps a field of a kind in order by itself. */
const isKept = ({ type, once }: Field): boolean => (type === 'text' || type === 'textarea') && !once;

/** Every form that can be reached by links, once for each address without its numbers. */
async function formsFrom(agent: Agent, start: string): Promise<Form[]> {
  const forms = new Map<string, Form>();
  const seen = new Set<string>();
  for (const queue = [start, '/account']; queue.length > 0; ) {
    const path = queue.pop() ?? start;
    if (seen.has(path) || seen.size > 400) continue;
    seen.add(path);
    const { text = '', type } = await agent.get(path);
    if (!type.includes('html')) continue;
    for (const form of formsOf(path.replace(/[?#].*/, ''), text)) {
      if (form.fields.some(isTyped)) forms.set(`${form.action} ${form.fields.map(({ name }) => name)}`, form);
    }
    for (const [, href = ''] of text.matchAll(/href="((?:\/(?:staff|portal|account)|\?)[^"#]*)"/g)) {
      const url = new URL(href.replaceAll('&amp;', '&'), `http://x${path}`);
      if (!/\.(csv|xlsx|json|ndjson|pdf|zip|webp|eml)\b/.test(url.pathname)) queue.push(url.pathname + url.search);
    }
  }
  return [...forms.values()].sort((a, b) => (a.action < b.action ? -1 : 1));
}

const NONSENSE: [string, string][] = [
  ['nothing', ''],
  ['markup', '<b>"quoted" & \'so\'</b>'],
  ['what is too long', 'x'.repeat(20_000)],
  ['a zero byte', 'a\u0000b'],
  ['other writing', '👩🏽‍💻 ﷽ \u202Egnp'],
  ['a number that is none', '1e999'],
];

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&#34;')
    .replaceAll("'", '&#39;');

async function wrongs(agent: Agent, form: Form, what: string, nonsense: string): Promise<string[]> {
  const { text: page } = await agent.get(form.page);
  const csrf = /name="_csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const values = form.fields.map((field) => [
    field.name,
    isTyped(field) ? nonsense : field.name === '_csrf' ? csrf : field.value,
  ]);
  const post = agent.post(form.action);
  if (form.multipart) for (const [name = '', value = ''] of values) post.field(name, value);
  else post.type('form').send(new URLSearchParams(values).toString());
  const { status, text = '', headers } = await post;
  const told = `${form.action} with ${what} answers ${status}`;
  if (status >= 500) return [told];
  if (status < 400) return [];
  if (!String(headers['content-type']).includes('html')) return [`${told} in no page`];
  if (!/<h1[\s>]/.test(text)) return [`${told} and has no heading`];
  if (!/role="alert"|error-summary|class="error/.test(text) && status === 422)
    return [`${told} and doesn’t say what is wrong`];
  if (status !== 422) return [];
  const lost =
    nonsense === ''
      ? []
      : form.fields.filter((field) => isKept(field) && !text.includes(escaped(nonsense.replaceAll('\u0000', ''))));
  return lost.length > 0 ? [`${told} and lost ${lost.map(({ name }) => name)}`] : [];
}

/** A reader who asked, so that there is a lead, a delivery and a decision to look at. */
beforeAll(async () => {
  await importCampaign(services.config.dataDir);
  const page = await request(app()).get(`/w/${SLUG}`);
  const token = /name="token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  services.clock.now = new Date(services.clock.now.getTime() + 5000);
  const form = {
    firstName: 'Rea',
    email: 'rea@acme-homes.example',
    country: 'GB',
    'q.units': 'gt1000',
    'consent.acme-cloud': 'yes',
    token,
  };
  await request(app()).post(`/w/${SLUG}`).type('form').send(form).expect(303);
  const worker = startWorker(services);
  await eventually('the delivery', async () => (await pageOfDeliveries({ state: 'sent' }, { limit: 1 })).length === 1);
  await eventually('the settlement', async () => (await leads.unsettled(SLUG, 1)).length === 0);
  await worker.stop();
});

test.each([
  ['the staff site', 'admin', '/staff', 22],
  ['the portal', 'sponsor-admin', '/portal', 10],
] as const)('%s: no form breaks, and none loses what was typed', async (_name, role, start, atLeast) => {
  const agent = await browserOf(app(), role, role === 'admin' ? {} : { sponsor: 'acme-cloud' });
  const forms = await formsFrom(agent, start);
  expect(forms.length).toBeGreaterThanOrEqual(atLeast);
  const found: string[] = [];
  for (const form of forms) for (const [what, text] of NONSENSE) found.push(...(await wrongs(agent, form, what, text)));
  if (process.env['SHOW']) process.stdout.write(`${forms.map(({ action }) => action).join('\n')}\n`);
  expect(found).toEqual([]);
});
