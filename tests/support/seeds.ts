import * as leads from '../../src/leads/leads';
import * as sponsors from '../../src/sponsors/sponsors';

/** Rows for tests of the back of the house: small, and always the same. */
export const SLUG = 'locks-and-keys';
export const NOW = new Date('2026-11-24T10:00:00Z');

export const later = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000);

export interface Asked {
  email?: string;
  firstName?: string;
  company?: string;
  country?: string;
  q?: Record<string, string | number | string[]>;
  /** Consents given, by key; the others were shown and left alone. */
  yes?: string[];
  suspicions?: leads.LeadRequest['suspicions'];
  addressClass?: leads.AddressClass;
  at?: Date;
  campaign?: string;
}

const CONSENTS = [
  { key: 'publisher', version: 1, text: 'Send me news.' },
  { key: 'acme-cloud', sponsor: 'acme-cloud', version: 2, text: 'ACME Cloud may contact me.' },
  { key: 'northgate', sponsor: 'northgate', version: 1, text: 'Northgate may contact me.' },
];

/** What the front of the house knows of a form that was filled in. */
export function captureOf(asked: Asked = {}): leads.Capture {
  const {
    email = 'jane@acme-homes.example',
    firstName = 'Jane',
    company = 'Acme Homes',
    country = 'GB',
    at = NOW,
  } = asked;
  const { q = { units: 'gt1000' }, yes = ['acme-cloud'], suspicions = [], addressClass = 'business' } = asked;
  return {
    campaign: asked.campaign ?? SLUG,
    formVersion: 1,
    whitepaper: { master: 'm', fileName: 'paper.pdf' },
    answers: { email, firstName, company, country, q },
    consents: CONSENTS.map((one) => ({
      ...one,
      given: yes.includes(one.key),
      how: 'checkbox',
      page: `/w/${SLUG}`,
      at,
    })),
    attribution: { utmSource: 'newsletter', ref: '=HYPERLINK("evil")' },
    addressClass,
    suspicions,
    client: { ip: '192.0.2.1', userAgent: 'test' },
    at,
  };
}

export const ask = (asked: Asked = {}): Promise<leads.LeadRequest> => leads.capture(captureOf(asked));

type Terms = Partial<Omit<sponsors.Contract, 'id' | 'campaign' | 'sponsor'>>;

export function sponsor(slug: string, terms: Terms = {}, campaign = SLUG): Promise<unknown> {
  const contract = { campaign, sponsor: slug, cap: null, filters: [], overflow: 'hold' as const, ...terms };
  return Promise.all([sponsors.putSponsor({ slug, name: slug }), sponsors.putContract(contract)]);
}
