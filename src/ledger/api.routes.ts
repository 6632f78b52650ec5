import Joi from 'joi';
import { readMoment, site } from '../campaigns/campaigns';
import type { Contract } from '../sponsors/sponsors';
import { type AnyOperation, operation } from '../web/api';
import {
  common,
  contractOf,
  type Listing,
  type Named,
  named,
  PATH,
  page,
  paged,
  paging,
  text,
  time,
  WHERE,
  whole,
} from './api-parts.routes';
import { allowance, courseOf, entriesOf, replacedCount, rulesOf, ruleWords, statementOf, summary } from './ledger';
import { DECISIONS, type Decision, type Settlement, THEIRS } from './ledger.types';
import { periodOf } from './pace';

type OfMonth = Named & { month: string };

const money = Joi.object({ amount: whole, currency: text });

const settlement = Joi.object({
  lead: Joi.string(),
  decision: Joi.valid(...DECISIONS).required(),
  rule: text,
  words: text,
  at: time.required(),
  evidence: Joi.string().allow(''),
  replacedBy: Joi.string(),
});
/** How contracts go, and what was decided on each lead. */
export const ledgerOperations: AnyOperation[] = [
  operation<Named, never, never>({
    ...common,
    id: 'getLedger',
    method: 'get',
    path: `${PATH}/ledger`,
    summary: 'How a contract goes: figures, rules that rejected, forecast, what may be given back',
    verb: 'ledger:read',
    params: Joi.object<Named>(named),
    answer: {
      status: 200,
      description: 'The ledger as it stands',
      schema: Joi.object({
        counts: Joi.object(Object.fromEntries(DECISIONS.map((one) => [one, whole]))).required(),
        replaced: whole,
        contracted: Joi.number().integer().allow(null).required(),
        rejected: Joi.array()
          .items(Joi.object({ rule: text, words: text, count: whole }))
          .required(),
        forecast: Joi.object({
          state: text,
          perDay: Joi.number().required(),
          ends: time,
          expected: Joi.number().integer(),
          shortfall: Joi.number().integer(),
        }).required(),
        returns: Joi.object({ ceiling: whole, used: whole, days: Joi.number(), percent: Joi.number() }).required(),
      }),
    },
    example: { params: WHERE },
    handle: async (call) => ({ body: await ledgerOf(await contractOf(call), call.services.now()) }),
  }),
  operation<Named, Listing & { decision?: Decision }, never>({
    ...common,
    id: 'listSettlements',
    method: 'get',
    path: `${PATH}/settlements`,
    summary: 'What was decided on each lead, newest first',
    description: 'A sponsor is told the reference of leads that are or were theirs, and of others only the rule.',
    verb: 'ledger:read',
    params: Joi.object<Named>(named),
    query: Joi.object<Listing & { decision?: Decision }>({ ...paging, decision: Joi.valid(...DECISIONS) }),
    answer: { status: 200, description: 'A page; `next` is there while there are more', schema: page(settlement) },
    example: { params: WHERE, query: { decision: 'billable' } },
    async handle(call) {
      const contract = await contractOf(call);
      const { decision } = call.query;
      const read = (at: { page: number; size: number }) =>
        entriesOf(contract.id, { ...at, ...(decision && { decision }) });
      const staff = call.key.sponsor === undefined;
      return paged(call.query, read, (one) => shownSettlement(one, contract, staff));
    },
  }),
  operation<OfMonth, never, never>({
    ...common,
    id: 'getStatement',
    method: 'get',
    path: `${PATH}/statements/:month`,
    summary: 'What began and ceased to count in a month, and what it comes to',
    verb: 'ledger:read',
    params: Joi.object<OfMonth>({
      ...named,
      month: Joi.string()
        .pattern(/^\d{4}-(0[1-9]|1[0-2])$/)
        .required(),
    }),
    answer: {
      status: 200,
      description: 'The statement',
      schema: Joi.object({
        from: time.required(),
        to: time.required(),
        opening: whole,
        closing: whole,
        charged: Joi.array().items(Joi.object().unknown(true)).required(),
        credited: Joi.array().items(Joi.object().unknown(true)).required(),
        amounts: Joi.array().items(money).required(),
      }),
    },
    example: { params: { ...WHERE, month: '2026-11' } },
    async handle(call) {
      const [contract, { timezone }] = [await contractOf(call), await site()];
      const from = readMoment(`${call.params.month}-01`, timezone) ?? new Date(`${call.params.month}-01`);
      return { body: await statementOf(contract, from, periodOf('month', from, timezone).ends) };
    },
  }),
];

async function ledgerOf(contract: Contract, now: Date): Promise<object> {
  const { timezone } = await site();
  const [counts, replaced, rejected, course, { ceiling, used, returns }] = await Promise.all([
    summary(contract.campaign, contract.sponsor),
    replacedCount(contract.id),
    rulesOf(contract.id, 'rejected'),
    courseOf(contract, now, timezone),
    allowance(contract),
  ]);
  const worded = rejected.map((one) => ({ ...one, words: ruleWords(one.rule, contract) }));
  const giveBack = { ceiling, used, ...returns };
  const { forecast } = course;
  return { counts, replaced, contracted: contract.cap, rejected: worded, forecast, returns: giveBack };
}

function shownSettlement(one: Settlement, contract: Contract, staff: boolean): object {
  const { lead, decision, rule, evidence, at, replacedBy } = one;
  const theirs = THEIRS.includes(decision) || decision === 'returned';
  return {
    ...((staff || theirs) && { lead }),
    decision,
    rule,
    words: ruleWords(rule, contract),
    at,
    ...(staff && { evidence }),
    ...(replacedBy !== undefined && { replacedBy }),
  };
}
