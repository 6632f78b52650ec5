import Joi from 'joi';
import { type ApiKey, audit } from '../accounts/accounts';
import { GatefoldError } from '../errors';
import { findProfile } from '../exports/exports';
import { findContract } from '../sponsors/sponsors';
import { type AnyOperation, type Call, operation, reachable } from '../web/api';
import {
  addDestination,
  type Destination,
  findDestination,
  listDestinations,
  messagesOf,
  type Owner,
  pause,
  removeDestination,
  replay,
  resume,
  rotateSecret,
} from './destinations';

const text = Joi.string().required();
const time = Joi.string().isoDate();
const shape = {
  id: text,
  name: text,
  url: text,
  campaigns: Joi.array().items(Joi.string()),
  profile: Joi.string(),
  state: Joi.valid('active', 'paused').required(),
  reason: Joi.string(),
  takenAt: time,
  by: text,
  at: time.required(),
};
const destination = Joi.object(shape);
const secret = Joi.string().description(
  '`whsec_…`: what signatures are checked with. In the first answer only, and not when an Idempotency-Key repeats it',
);
const tried = Joi.object({
  at: time.required(),
  ms: Joi.number().required(),
  status: Joi.number(),
  error: Joi.string(),
});
const message = Joi.object({
  id: text,
  campaign: text,
  lead: text,
  at: time.required(),
  state: Joi.valid('waiting', 'taken', 'failed', 'withheld').required(),
  tries: Joi.array().items(tried).required(),
});

interface Named {
  id: string;
}
const named = Joi.object<Named>({ id: Joi.string().max(100).required() });
const common = { tag: 'Destinations', sponsors: true, sponsorsOnly: true, verb: 'destinations:write' } as const;
const PATH = '/destinations/:id';
const ID = 'Zm9yIGV4YW1w';
const AT = '2026-11-24T10:00:00.000Z';
const EXAMPLE = {
  id: ID,
  name: 'CRM',
  url: 'https://hooks.acme.example/leads',
  state: 'active',
  by: 'api:CRM',
  at: AT,
};
const MESSAGE = { id: 'msg_0oYH3sGqTq2m', campaign: 'access-control-basics', lead: '7F3K-92QX-ABCD', at: AT };

interface New {
  name: string;
  url: string;
  campaigns?: string[];
  profile?: string;
}
interface Listing {
  limit: number;
  cursor?: number;
}
type Replay = { message: string } | { from: string; to: string };

/** Only a sponsor's key gets here. */
const ownerOf = ({ sponsor = '', campaigns }: ApiKey): Owner => ({ sponsor, campaigns });
const shown = ({ sponsor: _, ...one }: Destination): object => one;
const noted = (call: Pick<Call, 'actor'>, action: string, id: string, after?: Record<string, unknown>) =>
  audit({ actor: call.actor, action, subject: id, ...(after && { after }) });

/** Webhooks of a sponsor, by a key of theirs. */
export const destinationOperations: AnyOperation[] = [
  operation<never, never, never>({
    ...common,
    id: 'listDestinations',
    method: 'get',
    path: '/destinations',
    summary: 'Where leads are sent',
    answer: {
      status: 200,
      description: 'All of them',
      schema: Joi.object({ items: Joi.array().items(destination).required() }),
    },
    example: { answer: { items: [EXAMPLE] } },
    async handle({ key }) {
      return { body: { items: (await listDestinations(ownerOf(key))).map(shown) } };
    },
  }),
  operation<never, never, New>({
    ...common,
    id: 'addDestination',
    method: 'post',
    path: '/destinations',
    summary: 'Has each lead sent to an address of yours once it is yours',
    description:
      'By Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`, and `{"type":"lead.shared","timestamp":…,"data":{…}}` with the columns of the profile. Any 2xx is taken; else it is tried again over days, and 410 pauses at once. The same lead may come twice, under the same id.',
    body: Joi.object<New>({
      name: Joi.string().trim().max(100).required(),
      url: Joi.string().max(2000).required(),
      campaigns: Joi.array().items(Joi.string()).min(1).max(100),
      profile: Joi.string(),
    }),
    answer: { status: 201, description: 'The destination, with its secret', schema: Joi.object({ ...shape, secret }) },
    example: {
      body: { name: 'CRM', url: EXAMPLE.url },
      answer: { ...EXAMPLE, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=' },
    },
    async handle({ key, actor, body, services }) {
      const owner = ownerOf(key);
      for (const slug of body.campaigns ?? []) await mustBeTheirs(key, slug);
      if (body.profile !== undefined) await findProfile(body.profile, owner.sponsor);
      const { secret: once, ...made } = await addDestination(owner, { ...body, by: actor }, services);
      await noted({ actor }, 'added a destination', made.id, { name: made.name, url: made.url });
      return { body: shown(made), once: { secret: once } };
    },
  }),
  operation<Named, never, never>({
    ...common,
    id: 'getDestination',
    method: 'get',
    path: PATH,
    summary: 'One destination',
    params: named,
    answer: { status: 200, description: 'The destination', schema: destination },
    example: { params: { id: ID }, answer: EXAMPLE },
    async handle({ key, params }) {
      return { body: shown(await findDestination(params.id, ownerOf(key))) };
    },
  }),
  operation<Named, never, never>({
    ...common,
    id: 'removeDestination',
    method: 'delete',
    path: PATH,
    summary: 'Takes a destination away, with its log',
    params: named,
    answer: { status: 204, description: 'It is gone' },
    example: { params: { id: ID } },
    async handle({ key, actor, params }) {
      await removeDestination(params.id, ownerOf(key));
      await noted({ actor }, 'removed a destination', params.id);
      return {};
    },
  }),
  operation<Named, never, never>({
    ...common,
    id: 'pauseDestination',
    method: 'post',
    path: `${PATH}/pause`,
    summary: 'Lets messages wait',
    params: named,
    answer: { status: 200, description: 'The destination as it stands', schema: destination },
    example: { params: { id: ID }, answer: { ...EXAMPLE, state: 'paused', reason: 'Paused by api:CRM.' } },
    async handle({ key, actor, params }) {
      const found = await pause(params.id, ownerOf(key), actor);
      await noted({ actor }, 'paused a destination', params.id);
      return { body: shown(found) };
    },
  }),
  operation<Named, never, never>({
    ...common,
    id: 'resumeDestination',
    method: 'post',
    path: `${PATH}/resume`,
    summary: 'Takes it up again, and sends what waits and what failed',
    params: named,
    answer: { status: 200, description: 'The destination as it stands', schema: destination },
    example: { params: { id: ID }, answer: EXAMPLE },
    async handle({ key, actor, params, services }) {
      const found = await resume(params.id, ownerOf(key));
      services.nudge();
      await noted({ actor }, 'resumed a destination', params.id);
      return { body: shown(found) };
    },
  }),
  operation<Named, never, never>({
    ...common,
    id: 'rotateDestinationSecret',
    method: 'post',
    path: `${PATH}/rotate`,
    summary: 'A new secret',
    description: 'For a day messages carry a signature by either secret.',
    params: named,
    answer: { status: 200, description: 'The secret', schema: Joi.object({ secret }) },
    example: { params: { id: ID }, answer: { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=' } },
    async handle({ key, actor, params, services }) {
      const once = await rotateSecret(params.id, ownerOf(key), services);
      await noted({ actor }, 'rotated the secret of a destination', params.id);
      return { body: {}, once };
    },
  }),
  operation<Named, Listing, never>({
    ...common,
    id: 'listMessages',
    method: 'get',
    path: `${PATH}/messages`,
    summary: 'What was sent, newest first, with each try',
    params: named,
    query: Joi.object<Listing>({
      limit: Joi.number().integer().min(1).max(500).default(100),
      cursor: Joi.number().integer().min(2).max(1_000_000),
    }),
    answer: {
      status: 200,
      description: 'A page; `next` is there while there are more',
      schema: Joi.object({ items: Joi.array().items(message).required(), next: Joi.string() }),
    },
    example: {
      params: { id: ID },
      answer: { items: [{ ...MESSAGE, state: 'taken', tries: [{ at: AT, ms: 84, status: 204 }] }] },
    },
    async handle({ key, params, query: { limit, cursor = 1 } }) {
      const found = await messagesOf(params.id, ownerOf(key), { page: cursor, size: limit });
      const items = found.map(({ sponsor: _, destination: __, ...one }) => one);
      const next = items.length === limit ? String(cursor + 1) : undefined;
      return { body: { items, ...(next !== undefined && { next }) }, next };
    },
  }),
  operation<Named, never, Replay>({
    ...common,
    id: 'replayMessages',
    method: 'post',
    path: `${PATH}/replay`,
    summary: 'Sends one message again, or those of a time, under their ids',
    params: named,
    body: Joi.object<Replay>({ message: Joi.string(), from: time, to: time }).xor('message', 'from').and('from', 'to'),
    answer: { status: 202, description: 'How many', schema: Joi.object({ count: Joi.number().integer().required() }) },
    example: {
      params: { id: ID },
      body: { from: '2026-11-01T00:00:00Z', to: '2026-11-24T23:59:59Z' },
      answer: { count: 12 },
    },
    async handle({ key, actor, params, body, services }) {
      const which = 'message' in body ? body : { from: new Date(body.from), to: new Date(body.to) };
      const count = await replay(params.id, ownerOf(key), which);
      services.nudge();
      await noted({ actor }, 'replayed messages', params.id, { count });
      return { body: { count } };
    },
  }),
];

async function mustBeTheirs(key: ApiKey, slug: string): Promise<void> {
  if (await findContract(reachable({ key }, slug), key.sponsor ?? '')) return;
  throw new GatefoldError('not-found', 'unknown-campaign', `There is no campaign “${slug}”.`);
}
