import Joi from 'joi';
import { GatefoldError } from '../errors';
import { contractsOfSponsor } from '../sponsors/sponsors';
import { type AnyOperation, type Call, InvalidCall, operation, reachable } from '../web/api';
import { campaignFileSchema } from './campaign.file';
import {
  type Campaign,
  campaignFile,
  checkReady,
  close,
  findCampaign,
  listCampaigns,
  pause,
  publish,
  reopen,
  saveCampaign,
  unknownCampaign,
} from './campaigns';

const TAG = 'Campaigns';
const SLUG = 'access-control-basics';
const PDF_MAX = 50 * 1024 * 1024;

type BySlug = { slug: string };
const bySlug = Joi.object<BySlug>({ slug: Joi.string().max(100).required() });
const text = Joi.string().required();
const changed = Joi.object({ slug: text, status: text });
const item = Joi.object({
  slug: text,
  title: text,
  status: text,
  topics: Joi.array().items(Joi.string()).required(),
  opens: Joi.string().isoDate(),
  closes: Joi.string().isoDate(),
});

/** For the document; days mean days in the site's time zone, which `saveCampaign` knows. */
const definition = campaignFileSchema('UTC');
const EXAMPLE = {
  slug: SLUG,
  title: 'Access control basics',
  introduction: 'What to ask before you buy a lock that has an address.',
  covered: ['Readers and credentials', 'What a door costs over ten years'],
  topics: ['Access control'],
  closes: '2030-01-01',
  form: [{ key: 'email', required: true }],
  consents: [{ key: 'acme-cloud', sponsor: 'acme-cloud', text: 'Acme Cloud Video may contact me.' }],
  sponsors: [{ slug: 'acme-cloud', name: 'Acme Cloud Video', contract: { cap: 200, filters: [], overflow: 'hold' } }],
  mail: { subject: 'Your copy', body: 'Here it is.' },
};

const STEPS = {
  publish: { summary: 'Compiles the PDF and opens the campaign', step: publish, becomes: 'open' },
  pause: { summary: 'Takes no requests for now; readers keep their copies', step: pause, becomes: 'paused' },
  close: { summary: 'Ends the campaign; readers keep their copies', step: close, becomes: 'closed' },
  reopen: { summary: 'Opens a closed campaign again', step: reopen, becomes: 'open' },
};

/** Campaigns by API: the shape of `campaign.yaml`, by the schema and checks that files and the staff site go through. */
export const campaignOperations: AnyOperation[] = [
  operation({
    id: 'listCampaigns',
    method: 'get',
    path: '/campaigns',
    tag: TAG,
    summary: 'The campaigns that the key reaches, newest first',
    description: 'A sponsor sees the campaigns in which it has a contract.',
    verb: 'campaigns:read',
    sponsors: true,
    answer: {
      status: 200,
      description: 'Campaigns',
      schema: Joi.object({ items: Joi.array().items(item).required() }),
    },
    example: { answer: { items: [{ slug: SLUG, title: EXAMPLE.title, status: 'draft', topics: EXAMPLE.topics }] } },
    handle: async (call) => ({ body: { items: (await reached(call)).map(itemOf) } }),
  }),
  operation<BySlug, never, never>({
    id: 'getCampaign',
    method: 'get',
    path: '/campaigns/:slug',
    tag: TAG,
    summary: 'A campaign, whole, in the shape of campaign.yaml',
    verb: 'campaigns:read',
    sponsors: false,
    params: bySlug,
    answer: { status: 200, description: 'The campaign', schema: definition },
    example: { params: { slug: SLUG }, answer: EXAMPLE },
    handle: async (call) => ({ body: await campaignFile(await mustFind(call)) }),
  }),
  operation<BySlug, never, Record<string, unknown>>({
    id: 'putCampaign',
    method: 'put',
    path: '/campaigns/:slug',
    tag: TAG,
    summary: 'Makes a campaign, or brings the one that is there up to date',
    description:
      'The body is campaign.yaml as JSON. Without `status` a new campaign is a draft and a known one keeps its status. The files that the campaign has stay.',
    verb: 'campaigns:write',
    sponsors: false,
    params: bySlug,
    body: definition as unknown as Joi.ObjectSchema<Record<string, unknown>>,
    judgedByHandler: true,
    answer: { status: 200, description: 'The campaign as it is now', schema: changed },
    example: { params: { slug: SLUG }, body: EXAMPLE, answer: { slug: SLUG, status: 'draft' } },
    async handle(call) {
      if (call.body['slug'] !== call.params.slug) {
        throw new InvalidCall([{ in: 'body', at: 'slug', message: 'has to be the slug of the address' }]);
      }
      reachable(call, call.params.slug);
      return { body: await save(call, call.body) };
    },
  }),
  operation<BySlug, never, Buffer>({
    id: 'putWhitepaper',
    method: 'put',
    path: '/campaigns/:slug/whitepaper',
    tag: TAG,
    summary: 'Gives a campaign its PDF, or replaces it',
    description: 'The PDF of an open campaign is compiled before it is live; requests made before keep theirs.',
    verb: 'campaigns:write',
    sponsors: false,
    params: bySlug,
    upload: { type: 'application/pdf', maxBytes: PDF_MAX },
    answer: { status: 200, description: 'The campaign as it is now', schema: changed },
    example: { params: { slug: SLUG }, answer: { slug: SLUG, status: 'draft' } },
    handle: async (call) => ({ body: await save(call, await campaignFile(await mustFind(call)), call.body) }),
  }),
  ...Object.entries(STEPS).map(([verb, { summary, step, becomes }]) =>
    operation<BySlug, never, never>({
      id: `${verb}Campaign`,
      method: 'post',
      path: `/campaigns/:slug/${verb}`,
      tag: TAG,
      summary,
      verb: 'campaigns:write',
      sponsors: false,
      params: bySlug,
      answer: { status: 200, description: 'The campaign as it is now', schema: changed },
      example: { params: { slug: SLUG }, answer: { slug: SLUG, status: becomes } },
      async handle(call) {
        const campaign = await mustFind(call);
        await step(campaign.slug, call.actor, call.services.config.dataDir).catch((error) => unready(error, campaign));
        return { body: stateOf(await mustFind(call)) };
      },
    }),
  ),
];

async function reached({ key }: Pick<Call, 'key'>): Promise<Campaign[]> {
  const contracts = key.sponsor === undefined ? undefined : await contractsOfSponsor(key.sponsor);
  const theirs = contracts && new Set(contracts.map(({ campaign }) => campaign));
  const all = await listCampaigns();
  return all.filter(({ slug }) => (key.campaigns?.includes(slug) ?? true) && (theirs?.has(slug) ?? true));
}

function itemOf({ slug, title, status, topics, opens, closes }: Campaign): object {
  const dates = { ...(opens && { opens: opens.toISOString() }), ...(closes && { closes: closes.toISOString() }) };
  return { slug, title, status, topics, ...dates };
}

/** Everything that is missing, each thing by its name, instead of the one sentence that a page has. */
async function unready(error: unknown, campaign: Campaign): Promise<never> {
  if (!(error instanceof GatefoldError) || error.code !== 'not-ready') throw error;
  const missing = (await checkReady(campaign, new Date())).filter(({ isMet, level }) => !isMet && level === 'must');
  throw new InvalidCall(
    missing.map(({ key, words, missing: what }) => ({ in: 'path', at: key, message: what ?? words })),
  );
}

const stateOf = ({ slug, status }: Campaign) => ({ slug, status });

async function mustFind(call: Pick<Call<BySlug>, 'key' | 'params'>): Promise<Campaign> {
  const slug = reachable(call, call.params.slug);
  const campaign = await findCampaign(slug);
  if (!campaign) throw unknownCampaign(slug);
  return campaign;
}

/** @throws InvalidCall with everything that is wrong, each at its path */
async function save(call: Pick<Call, 'actor' | 'services'>, body: object, pdf?: Buffer): Promise<object> {
  const { slug } = body as BySlug;
  const saved = await saveCampaign({
    definition: body as Record<string, unknown>,
    ...(pdf && { pdf }),
    actor: call.actor,
    dataDir: call.services.config.dataDir,
    isNew: (await findCampaign(slug)) === null,
  });
  if ('campaign' in saved) return stateOf(saved.campaign);
  throw new InvalidCall(saved.problems.map(({ path, message }) => ({ in: 'body', at: path.join('.'), message })));
}
