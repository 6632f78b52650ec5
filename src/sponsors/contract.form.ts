import { domainToASCII } from 'node:url';
import Joi from 'joi';
import { readMoney, writeMoney } from './money';
import type { Contract, Terms } from './sponsor.types';

const MESSAGES = {
  'price.none': 'takes an amount and its currency, such as 45.50 GBP',
  'domain.none': 'takes domains such as acme.example, without @ and path',
  'object.xor': 'takes include or exclude, not both',
  'list.missing': 'needs a list: include or exclude',
};

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
const DOMAINS_MAX = 20_000;

const price = Joi.string().custom((value: string, helpers) => readMoney(value) ?? helpers.error('price.none'));
const count = () => Joi.number().integer().min(1).max(10_000_000);

/** `@Acme.example`, `*.acme.example` and `www.acme.example` all mean the company's domain. */
const domain = Joi.string().custom((value: string, helpers) => {
  const bare = value
    .trim()
    .toLowerCase()
    .replace(/^(?:@|\*\.|www\.)/, '');
  const ascii = domainToASCII(bare);
  const labels = ascii.split('.');
  return labels.length > 1 && labels.every((label) => LABEL.test(label)) ? ascii : helpers.error('domain.none');
});

const domainList = Joi.object({
  name: Joi.string().trim().max(60).required(),
  include: Joi.array().items(domain).min(1).max(DOMAINS_MAX),
  exclude: Joi.array().items(domain).min(1).max(DOMAINS_MAX),
})
  .xor('include', 'exclude')
  .messages({ 'object.missing': MESSAGES['list.missing'], 'object.xor': MESSAGES['object.xor'] });

const filter = Joi.object({
  field: Joi.string().required(),
  in: Joi.array().items(Joi.string()).min(1).required(),
});

const pacing = Joi.object({ day: count(), week: count(), month: count() }).min(1);

const duplicates = Joi.object({
  scope: Joi.valid('campaign', 'sponsor', 'all').required(),
  days: Joi.number().integer().min(1).max(3650),
  match: Joi.valid('address', 'mailbox').default('mailbox'),
});

const returns = Joi.object({
  days: Joi.number().integer().min(1).max(365).required(),
  percent: Joi.number().min(0).max(100).required(),
});

/** What a contract says when nothing is said: every consented lead, without limit. */
export const NO_TERMS = { cap: null, filters: [], overflow: 'hold' } as const;

/**
 * The terms of a contract as `campaign.yaml` and the staff site write them.
 * @param moment reads a day or time of the site
 */
export function termsSchema(moment: () => Joi.Schema): Joi.ObjectSchema<Terms> {
  return Joi.object<Terms>({
    cap: Joi.number().integer().min(0).max(10_000_000).allow(null).default(null),
    price,
    from: moment(),
    to: moment(),
    pacing,
    perCompanyDomain: count(),
    filters: Joi.array().items(filter).default([]),
    businessOnly: Joi.boolean(),
    provedOnly: Joi.boolean(),
    domains: Joi.array().items(domainList).unique('name').max(20),
    duplicates,
    returns,
    overflow: Joi.valid('hold', 'next', 'unbilled').default('hold'),
  }).messages({ 'price.none': MESSAGES['price.none'], 'domain.none': MESSAGES['domain.none'] });
}

/** A contract as it stands in a file, keys in the order in which one reads it; what isn't agreed is left out. */
export function termsFile(contract: Contract | Terms, writeMoment: (at: Date) => string): Record<string, unknown> {
  const { cap, price: sum, from, to, filters, overflow, businessOnly, provedOnly, domains } = contract;
  return {
    cap,
    ...(sum && { price: writeMoney(sum) }),
    ...(from && { from: writeMoment(from) }),
    ...(to && { to: writeMoment(to) }),
    ...(contract.pacing && { pacing: contract.pacing }),
    ...(contract.perCompanyDomain && { perCompanyDomain: contract.perCompanyDomain }),
    filters: filters.map((one) => ({ field: one.field, in: one.in })),
    ...(businessOnly && { businessOnly }),
    ...(provedOnly && { provedOnly }),
    ...(domains?.length && { domains }),
    ...(contract.duplicates && { duplicates: contract.duplicates }),
    ...(contract.returns && { returns: contract.returns }),
    overflow,
  };
}
