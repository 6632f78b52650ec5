import { Readable } from 'node:stream';
import Joi from 'joi';
import { GatefoldError } from '../errors';
import { readFile } from '../store/files';
import { type AnyOperation, InvalidCall, operation, reachable } from '../web/api';
import {
  type BySlug,
  bySlug,
  changed,
  definition,
  EXAMPLE,
  FILE_MAX,
  mustFind,
  revision,
  SLUG,
  save,
  stateOf,
  TAG,
  text,
  wrongBody,
} from './api-common.routes';
import { type Arrival, arrivalOf, takeIn } from './arrival';
import { filesInZip, zipOf } from './campaign.zip';
import { campaignFile, campaignFiles } from './campaigns';

const difference = Joi.object({ at: text, before: Joi.string().allow(''), after: Joi.string().allow('') });
const compared = {
  slug: text,
  revision: revision.description('Of the campaign that is there; missing: there is none'),
  differences: Joi.array().items(difference).required(),
};
const COMPARED = { slug: SLUG, revision: 1, differences: [{ at: 'title', before: 'Basics', after: EXAMPLE.title }] };

const comparedOf = ({ slug, known, differences }: Arrival) => ({
  slug,
  ...(known && { revision: known.revision ?? 0 }),
  differences,
});

/** A campaign's files by API: its PDF, and all of it as the archive that another Gatefold takes in. */
export const campaignFileOperations: AnyOperation[] = [
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
    upload: { type: 'application/pdf', maxBytes: FILE_MAX },
    answer: { status: 200, description: 'The campaign as it is now', schema: changed },
    example: { params: { slug: SLUG }, answer: { slug: SLUG, status: 'draft' } },
    handle: async (call) => ({ body: await save(call, await campaignFile(await mustFind(call)), { pdf: call.body }) }),
  }),
  operation<BySlug, never, never>({
    id: 'getWhitepaper',
    method: 'get',
    path: '/campaigns/:slug/whitepaper',
    tag: TAG,
    summary: 'The PDF as it was handed in',
    verb: 'campaigns:read',
    sponsors: false,
    params: bySlug,
    answer: { status: 200, description: 'The PDF', types: ['application/pdf'] },
    example: { params: { slug: SLUG } },
    async handle(call) {
      const { upload, slug } = await mustFind(call);
      if (!upload) throw new GatefoldError('not-found', 'no-whitepaper', 'This campaign has no whitepaper yet.');
      const from = Readable.from([await readFile(upload.file)]);
      return { stream: { from, type: 'application/pdf', fileName: `${slug}.pdf` } };
    },
  }),
  operation<BySlug, never, Record<string, unknown>>({
    id: 'compareCampaign',
    method: 'post',
    path: '/campaigns/:slug/difference',
    tag: TAG,
    summary: 'What putCampaign with this body would change; changes nothing',
    verb: 'campaigns:read',
    sponsors: false,
    params: bySlug,
    body: definition as unknown as Joi.ObjectSchema<Record<string, unknown>>,
    judgedByHandler: true,
    answer: { status: 200, description: 'What differs, place by place', schema: Joi.object(compared) },
    example: { params: { slug: SLUG }, body: EXAMPLE, answer: COMPARED },
    async handle(call) {
      reachable(call, call.params.slug);
      // YAML takes JSON as it is.
      const yaml = Buffer.from(JSON.stringify({ ...call.body, slug: call.params.slug }));
      return { body: comparedOf(await arrivalOf(new Map([['campaign.yaml', yaml]])).catch(asProblem)) };
    },
  }),
  operation<BySlug, never, never>({
    id: 'exportCampaign',
    method: 'get',
    path: '/campaigns/:slug/export',
    tag: TAG,
    summary: 'A campaign with its files, as importCampaign takes it',
    verb: 'campaigns:read',
    sponsors: false,
    params: bySlug,
    answer: { status: 200, description: 'campaign.yaml and its files', types: ['application/zip'] },
    example: { params: { slug: SLUG } },
    async handle(call) {
      const campaign = await mustFind(call);
      const from = Readable.from([await zipOf(await campaignFiles(campaign))]);
      return { stream: { from, type: 'application/zip', fileName: `${campaign.slug}.zip` } };
    },
  }),
  operation<never, { dryRun: boolean; revision?: number }, Buffer>({
    id: 'importCampaign',
    method: 'post',
    path: '/campaigns/import',
    tag: TAG,
    summary: 'Takes in a campaign with its files, or shows what that would change',
    description:
      'A new campaign becomes a draft. Over one that is there it goes only with the `revision` that the differences were shown for, else 409: call it with `dryRun` first.',
    verb: 'campaigns:write',
    sponsors: false,
    query: Joi.object({ dryRun: Joi.boolean().default(false), revision }),
    upload: { type: 'application/zip', maxBytes: FILE_MAX },
    answer: {
      status: 200,
      description: 'What it changed, or would change',
      schema: Joi.object({ ...compared, status: Joi.string() }),
    },
    example: { query: { dryRun: 'true' }, answer: COMPARED },
    async handle(call) {
      const arrival = await arrivalOf(await filesInZip(call.body)).catch(asProblem);
      reachable(call, arrival.slug);
      if (arrival.problems.length > 0) throw wrongBody(arrival.problems);
      if (call.query.dryRun) return { body: comparedOf(arrival) };
      const by = { actor: call.actor, dataDir: call.services.config.dataDir };
      const { campaign } = await takeIn(arrival, call.query.revision, by);
      return { body: { ...comparedOf(arrival), ...stateOf(campaign), revision: campaign.revision ?? 0 } };
    },
  }),
];

/** What is wrong with a file stands line by line in its error; a program gets it line by line. */
function asProblem(error: unknown): never {
  if (!(error instanceof GatefoldError) || error.kind !== 'invalid') throw error;
  throw new InvalidCall(error.reader.split('\n').map((message) => ({ in: 'body', at: '', message })));
}
