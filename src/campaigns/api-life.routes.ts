import Joi from 'joi';
import { GatefoldError } from '../errors';
import { type AnyOperation, InvalidCall, operation } from '../web/api';
import { type BySlug, bySlug, changed, mustFind, SLUG, stateOf, TAG, text } from './api-common.routes';
import {
  archive,
  checkReady,
  close,
  duplicate,
  isReady,
  lookOutside,
  NotReady,
  pause,
  publish,
  reopen,
  unarchive,
} from './campaigns';

const STEPS = {
  publish: { summary: 'Compiles the PDF and opens the campaign', step: publish, becomes: 'open' },
  pause: { summary: 'Takes no requests for now; readers keep their copies', step: pause, becomes: 'paused' },
  close: { summary: 'Ends the campaign; readers keep their copies', step: close, becomes: 'closed' },
  archive: { summary: 'Puts a draft or a closed campaign away', step: archive, becomes: 'closed' },
  unarchive: { summary: 'Takes a campaign out of the archive', step: unarchive, becomes: 'closed' },
  reopen: { summary: 'Opens a closed campaign again', step: reopen, becomes: 'open' },
};

const check = Joi.object({
  key: text,
  level: Joi.valid('must', 'should').required(),
  met: Joi.boolean().required(),
  words: text,
  missing: Joi.string(),
});

/** The life of a campaign by API: the buttons of its page on the staff site, and the list that decides on them. */
export const campaignLifeOperations: AnyOperation[] = [
  operation<BySlug, never, never>({
    id: 'getReadiness',
    method: 'get',
    path: '/campaigns/:slug/readiness',
    tag: TAG,
    summary: 'What a campaign must have, and should, before it is published',
    verb: 'campaigns:read',
    sponsors: false,
    params: bySlug,
    answer: {
      status: 200,
      description: 'The list; `ready` says whether publishing is let through',
      schema: Joi.object({ ready: Joi.boolean().required(), items: Joi.array().items(check).required() }),
    },
    example: {
      params: { slug: SLUG },
      answer: { ready: true, items: [{ key: 'pdf', level: 'must', met: true, words: 'The PDF can be stamped' }] },
    },
    async handle(call) {
      const checks = await checkReady(await mustFind(call), call.services.now());
      const items = checks.map(({ key, level, isMet, words, missing }) => ({
        key,
        level,
        met: isMet,
        words,
        ...(missing && { missing }),
      }));
      return { body: { ready: isReady(checks), items } };
    },
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
        const { slug } = await mustFind(call);
        const { config, now } = call.services;
        if (becomes === 'open') await lookOutside(slug, config, now());
        await step(slug, call.actor, call.services.config.dataDir).catch(unready);
        return { body: stateOf(await mustFind(call)) };
      },
    }),
  ),
  operation<BySlug, never, never>({
    id: 'duplicateCampaign',
    method: 'post',
    path: '/campaigns/:slug/duplicate',
    tag: TAG,
    summary: 'Makes a draft with everything of a campaign but its dates and addresses',
    description: 'Not for a key that was narrowed to campaigns: the new one would be none of them.',
    verb: 'campaigns:write',
    sponsors: false,
    params: bySlug,
    answer: { status: 201, description: 'The new campaign', schema: changed },
    example: { params: { slug: SLUG }, answer: { slug: `${SLUG}-copy`, status: 'draft' } },
    async handle(call) {
      const { slug } = await mustFind(call);
      if (call.key.campaigns) throw narrowed();
      return { body: stateOf(await duplicate(slug, call.actor, call.services.config.dataDir)) };
    },
  }),
];

/** Everything that is missing, each thing by its name, instead of the one sentence that a page has. */
function unready(error: unknown): never {
  if (!(error instanceof NotReady)) throw error;
  throw new InvalidCall(
    error.missing.map(({ key, words, missing: what }) => ({ in: 'path', at: key, message: what ?? words })),
  );
}

function narrowed(): GatefoldError {
  return new GatefoldError('forbidden', 'not-for-this-key', {
    log: 'a key that is narrowed to campaigns asked for a new one',
    reader: 'This key is for certain campaigns, and can’t make others.',
    wayOut: 'Make a key that may.',
  });
}
