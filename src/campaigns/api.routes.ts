import Joi from 'joi';
import { contractsOfSponsor } from '../sponsors/sponsors';
import { type AnyOperation, type Call, InvalidCall, operation, reachable } from '../web/api';
import {
  type BySlug,
  bySlug,
  changed,
  definition,
  EXAMPLE,
  mustFind,
  revision,
  SLUG,
  save,
  TAG,
  text,
} from './api-common.routes';
import { campaignFileOperations } from './api-files.routes';
import { campaignLifeOperations } from './api-life.routes';
import { type Campaign, campaignFile, listCampaigns } from './campaigns';

const item = Joi.object({
  slug: text,
  title: text,
  status: text,
  topics: Joi.array().items(Joi.string()).required(),
  opens: Joi.string().isoDate(),
  closes: Joi.string().isoDate(),
});

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
  operation<BySlug, { revision?: number }, Record<string, unknown>>({
    id: 'putCampaign',
    method: 'put',
    path: '/campaigns/:slug',
    tag: TAG,
    summary: 'Makes a campaign, or brings the one that is there up to date',
    description:
      'The body is campaign.yaml as JSON. Without `status` a new campaign is a draft and a known one keeps its status. The files that the campaign has stay. With `revision` (of compareCampaign) nothing is changed if somebody else was quicker.',
    verb: 'campaigns:write',
    sponsors: false,
    params: bySlug,
    query: Joi.object({ revision }),
    body: definition as unknown as Joi.ObjectSchema<Record<string, unknown>>,
    judgedByHandler: true,
    answer: { status: 200, description: 'The campaign as it is now', schema: changed },
    example: { params: { slug: SLUG }, body: EXAMPLE, answer: { slug: SLUG, status: 'draft' } },
    async handle(call) {
      if (call.body['slug'] !== call.params.slug) {
        throw new InvalidCall([{ in: 'body', at: 'slug', message: 'has to be the slug of the address' }]);
      }
      reachable(call, call.params.slug);
      return { body: await save(call, call.body, call.query) };
    },
  }),
  ...campaignFileOperations,
  ...campaignLifeOperations,
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
