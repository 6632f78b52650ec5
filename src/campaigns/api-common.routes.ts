import Joi from 'joi';
import { type Call, InvalidCall, reachable } from '../web/api';
import { campaignFileSchema } from './campaign.file';
import { type Campaign, findCampaign, type Problem, saveCampaign, unknownCampaign } from './campaigns';

/** What the operations on campaigns share: the campaign of their examples, shapes, and how one is found and saved. */

export const TAG = 'Campaigns';
export const SLUG = 'access-control-basics';
export const FILE_MAX = 50 * 1024 * 1024;

export type BySlug = { slug: string };
export const bySlug = Joi.object<BySlug>({ slug: Joi.string().max(100).required() });
export const text = Joi.string().required();
export const changed = Joi.object({ slug: text, status: text });
export const revision = Joi.number().integer().min(0);

/** For the document; days mean days in the site's time zone, which `saveCampaign` knows. */
export const definition = campaignFileSchema('UTC');
export const EXAMPLE = {
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

export const stateOf = ({ slug, status }: Campaign) => ({ slug, status });

export async function mustFind(call: Pick<Call<BySlug>, 'key' | 'params'>): Promise<Campaign> {
  const slug = reachable(call, call.params.slug);
  const campaign = await findCampaign(slug);
  if (!campaign) throw unknownCampaign(slug);
  return campaign;
}

/** @throws InvalidCall with everything that is wrong, each at its path; GatefoldError `edited-meanwhile` */
export async function save(
  call: Pick<Call, 'actor' | 'services'>,
  body: object,
  more: { pdf?: Buffer; revision?: number } = {},
): Promise<object> {
  const { slug } = body as BySlug;
  const saved = await saveCampaign({
    definition: body as Record<string, unknown>,
    ...more,
    actor: call.actor,
    dataDir: call.services.config.dataDir,
    isNew: (await findCampaign(slug)) === null,
  });
  if ('campaign' in saved) return stateOf(saved.campaign);
  throw wrongBody(saved.problems);
}

export function wrongBody(problems: Problem[]): InvalidCall {
  return new InvalidCall(problems.map(({ path, message }) => ({ in: 'body', at: path.join('.'), message })));
}
