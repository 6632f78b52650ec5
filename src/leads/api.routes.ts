import Joi from 'joi';
import { audit } from '../accounts/accounts';
import { GatefoldError } from '../errors';
import { type AnyOperation, type Call, operation, reachable } from '../web/api';
import type { Lead, LeadStatus } from './lead.types';
import { accept, findLead, listLeads, reject } from './leads';
import { readCursor, writeCursor } from './page-cursor';

const TAG = 'Leads';
const STATUSES: LeadStatus[] = ['active', 'quarantined', 'undeliverable', 'rejected', 'superseded'];
const PAGE_MAX = 500;

interface Listing {
  campaign: string;
  status?: LeadStatus;
  limit: number;
  cursor?: string;
}
type ById = { id: string };

const text = Joi.string().required();
const time = Joi.string().isoDate();
const lead = Joi.object({
  id: text,
  campaign: text,
  status: Joi.valid(...STATUSES).required(),
  capturedAt: time.required(),
  verifiedAt: time,
  addressClass: text,
  answers: Joi.object({ email: text, q: Joi.object().unknown(true).required() })
    .unknown(true)
    .required(),
  consents: Joi.array()
    .items(
      Joi.object({
        key: text,
        sponsor: Joi.string(),
        version: Joi.number().integer().required(),
        text,
        given: Joi.boolean().required(),
        at: time.required(),
      }),
    )
    .required(),
  attribution: Joi.object().unknown(true).required(),
});
const byId = Joi.object<ById>({ id: Joi.string().max(40).required() });
const ID = '7F3K-92QX-ABCD';
const EXAMPLE = {
  id: ID,
  campaign: 'access-control-basics',
  status: 'active',
  capturedAt: '2026-11-24T10:00:00.000Z',
  addressClass: 'business',
  answers: { email: 'jane@acme-homes.example', firstName: 'Jane', q: { units: 'lt1000' } },
  consents: [{ key: 'publisher', version: 1, text: 'Send me news.', given: true, at: '2026-11-24T10:00:00.000Z' }],
  attribution: { utmSource: 'newsletter' },
};

/** Leads for the publisher's own systems. What sponsors take goes through exports, where each disclosure is logged. */
export const leadOperations: AnyOperation[] = [
  operation<never, Listing, never>({
    id: 'listLeads',
    method: 'get',
    path: '/leads',
    tag: TAG,
    summary: 'Leads of a campaign, newest first',
    verb: 'leads:read',
    sponsors: false,
    query: Joi.object<Listing>({
      campaign: Joi.string().max(100).required(),
      status: Joi.valid(...STATUSES),
      limit: Joi.number().integer().min(1).max(PAGE_MAX).default(100),
      cursor: Joi.string().max(100),
    }),
    answer: {
      status: 200,
      description: 'A page; `next` is there while there are more',
      schema: Joi.object({ items: Joi.array().items(lead).required(), next: Joi.string() }),
    },
    example: { query: { campaign: 'access-control-basics' }, answer: { items: [EXAMPLE] } },
    handle: list,
  }),
  operation<ById, never, never>({
    id: 'getLead',
    method: 'get',
    path: '/leads/:id',
    tag: TAG,
    summary: 'One lead',
    verb: 'leads:read',
    sponsors: false,
    params: byId,
    answer: { status: 200, description: 'The lead', schema: lead },
    example: { params: { id: ID }, answer: EXAMPLE },
    async handle(call) {
      const found = await mustFind(call);
      await audit({ actor: call.actor, kind: 'read', action: 'read lead', subject: found.id });
      return { body: shown(found) };
    },
  }),
  ...Object.entries({ accept, reject }).map(([verb, decide]) =>
    operation<ById, never, never>({
      id: `${verb}Lead`,
      method: 'post',
      path: `/leads/:id/${verb}`,
      tag: TAG,
      summary: verb === 'accept' ? 'Takes a lead out of quarantine' : 'Leaves a quarantined lead out for good',
      verb: 'leads:write',
      sponsors: false,
      params: byId,
      answer: { status: 200, description: 'The lead as it is now', schema: lead },
      example: { params: { id: ID }, answer: { ...EXAMPLE, status: verb === 'accept' ? 'active' : 'rejected' } },
      async handle(call) {
        const { id } = await mustFind(call);
        const decided = await decide(id, call.services.now());
        call.services.nudge();
        await audit({ actor: call.actor, action: `${verb}ed from quarantine`, subject: id });
        return { body: shown(decided) };
      },
    }),
  ),
];

async function list({ query, ...call }: Call<never, Listing>) {
  const campaign = reachable(call, query.campaign);
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
  const found = await listLeads(
    { campaign, ...(query.status && { status: query.status }) },
    { limit: query.limit + 1, ...(after && { after }) },
  );
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  const next = found.length > items.length && last ? writeCursor(last) : undefined;
  await audit({
    actor: call.actor,
    kind: 'read',
    action: 'read leads',
    subject: campaign,
    subjects: items.map(({ id }) => id),
  });
  return { body: { items: items.map(shown), ...(next !== undefined && { next }) }, next };
}

async function mustFind(call: Pick<Call<ById>, 'key' | 'params'>): Promise<Lead> {
  const found = await findLead(call.params.id);
  if (found && (call.key.campaigns?.includes(found.campaign) ?? true)) return found;
  throw new GatefoldError('not-found', 'unknown-lead', 'There is no such lead.');
}

function shown({ id, campaign, status, capturedAt, verifiedAt, addressClass, current }: Lead): object {
  return {
    id,
    campaign,
    status,
    capturedAt,
    ...(verifiedAt && { verifiedAt }),
    addressClass,
    answers: current.answers,
    consents: current.consents.map(({ key, sponsor, version, text: words, given, at }) => ({
      key,
      ...(sponsor !== undefined && { sponsor }),
      version,
      text: words,
      given,
      at,
    })),
    attribution: current.attribution,
  };
}
