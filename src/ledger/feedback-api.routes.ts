import Joi from 'joi';
import { audit } from '../accounts/accounts';
import { type AnyOperation, operation } from '../web/api';
import {
  common,
  contractOf,
  type Listing,
  listing,
  type Named,
  named,
  type OfLead,
  PATH,
  page,
  paged,
  slug,
  text,
  time,
  WHERE,
} from './api-parts.routes';
import { DISPOSITIONS, type Disposition, REASONS, type Return } from './feedback.types';
import { askReturn, decideReturn, dispose, dispositionsOf, findReturn, returnsOf } from './ledger';

const returned = Joi.object({
  lead: text,
  reason: Joi.valid(...Object.keys(REASONS)).required(),
  note: Joi.string().allow('').required(),
  at: time.required(),
  by: text,
  state: Joi.valid('open', 'accepted', 'rejected').required(),
  decidedBy: Joi.string(),
  decidedAt: time,
  evidence: Joi.string().allow(''),
});
const disposition = Joi.object({
  lead: text,
  disposition: Joi.valid(...Object.keys(DISPOSITIONS)).required(),
  note: Joi.string().allow('').required(),
  at: time.required(),
  by: text,
});

const LEAD = '7F3K-92QX-ABCD';
const AT = '2026-11-24T10:00:00.000Z';
const RETURN = { lead: LEAD, reason: 'bad-data', note: 'Nobody of that name', at: AT, by: 'api:CRM', state: 'open' };
const DISPOSITION = { lead: LEAD, disposition: 'qualified', note: '', at: AT, by: 'api:CRM' };

/** What sponsors say back, and what staff decide on it. */
export const feedbackOperations: AnyOperation[] = [
  operation<Named, Listing, never>({
    ...common,
    id: 'listReturns',
    method: 'get',
    path: `${PATH}/returns`,
    summary: 'Leads that were given back, newest first',
    verb: 'ledger:read',
    params: Joi.object<Named>(named),
    query: listing,
    answer: { status: 200, description: 'A page; `next` is there while there are more', schema: page(returned) },
    example: { params: WHERE, answer: { items: [RETURN] } },
    async handle(call) {
      const contract = await contractOf(call);
      return paged(call.query, (at) => returnsOf(contract, at), shownReturn);
    },
  }),
  operation<OfLead, never, { reason: string; note: string }>({
    ...common,
    id: 'returnLead',
    method: 'put',
    path: `${PATH}/returns/:lead`,
    summary: 'Gives a lead back',
    description:
      'What our evidence proves (bounced, duplicate, filter-miss) is accepted at once, anything else waits for staff. Asking twice is asking once: the answer is the return as it stands.',
    verb: 'returns:write',
    sponsorsOnly: true,
    params: Joi.object<OfLead>({ ...named, lead: slug }),
    body: Joi.object({
      reason: Joi.valid(...Object.keys(REASONS)).required(),
      note: Joi.string().allow('').default(''),
    }),
    answer: { status: 200, description: 'The return as it stands', schema: returned },
    example: {
      params: { ...WHERE, lead: LEAD },
      body: { reason: 'bad-data', note: 'Nobody of that name' },
      answer: RETURN,
    },
    async handle(call) {
      const contract = await contractOf(call);
      const asked = { ...call.body, lead: call.params.lead, by: call.actor };
      const found = await askReturn(contract, asked, call.services.now());
      call.services.nudge();
      await audit({
        actor: call.actor,
        action: 'gave back leads',
        subject: found.lead,
        after: { reason: found.reason },
      });
      return { body: shownReturn(found) };
    },
  }),
  ...(['accept', 'reject'] as const).map((verb) =>
    operation<OfLead, never, { words: string }>({
      ...common,
      id: `${verb}Return`,
      method: 'post',
      path: `${PATH}/returns/:lead/${verb}`,
      summary: verb === 'accept' ? 'Takes a lead back, which frees its place' : 'Leaves a lead with its sponsor',
      verb: 'returns:write',
      sponsors: false,
      params: Joi.object<OfLead>({ ...named, lead: slug }),
      body: Joi.object({ words: Joi.string().allow('').default('') }),
      answer: { status: 200, description: 'The return as it stands', schema: returned },
      example: { params: { ...WHERE, lead: LEAD }, body: { words: 'We called, too' } },
      async handle(call) {
        const contract = await contractOf(call);
        const { lead } = call.params;
        const deciding = { accept: verb === 'accept', by: call.actor, evidence: call.body.words };
        await decideReturn(contract, lead, deciding, call.services.now());
        call.services.nudge();
        await audit({ actor: call.actor, action: `${verb}ed the return of lead`, subject: lead });
        const found = await findReturn(contract, lead);
        return { body: found && shownReturn(found) };
      },
    }),
  ),
  operation<Named, Listing, never>({
    ...common,
    id: 'listDispositions',
    method: 'get',
    path: `${PATH}/dispositions`,
    summary: 'What sponsors said of their leads, newest first',
    verb: 'ledger:read',
    params: Joi.object<Named>(named),
    query: listing,
    answer: { status: 200, description: 'A page; `next` is there while there are more', schema: page(disposition) },
    example: { params: WHERE, answer: { items: [DISPOSITION] } },
    async handle(call) {
      const contract = await contractOf(call);
      return paged(call.query, (at) => dispositionsOf(contract, at), shownDisposition);
    },
  }),
  operation<OfLead, never, { disposition: string; note: string }>({
    ...common,
    id: 'disposeLead',
    method: 'put',
    path: `${PATH}/dispositions/:lead`,
    summary: 'Says what became of a lead; the newest stands',
    verb: 'dispositions:write',
    sponsorsOnly: true,
    params: Joi.object<OfLead>({ ...named, lead: slug }),
    body: Joi.object({
      disposition: Joi.valid(...Object.keys(DISPOSITIONS)).required(),
      note: Joi.string().allow('').default(''),
    }),
    answer: { status: 200, description: 'What stands now', schema: disposition },
    example: { params: { ...WHERE, lead: LEAD }, body: { disposition: 'qualified' }, answer: DISPOSITION },
    async handle(call) {
      const contract = await contractOf(call);
      const said = { ...call.body, lead: call.params.lead, by: call.actor };
      const found = await dispose(contract, said, call.services.now());
      await audit({
        actor: call.actor,
        action: 'said what became of leads',
        subject: found.lead,
        after: { disposition: found.code },
      });
      return { body: shownDisposition(found) };
    },
  }),
];

const shownReturn = ({ contract: _, ...shown }: Return): object => shown;
const shownDisposition = ({ contract: _, code, ...shown }: Disposition): object => ({ ...shown, disposition: code });
