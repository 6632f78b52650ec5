import type { Contract, Sponsor } from '../sponsors/sponsors';
import type { Inspection } from '../stamping/stamping';
import type { Campaign, Site } from './campaign.types';
import { MAIL_VARIABLES, unknownVariables } from './mail-variables';

/** One line of the list that decides whether a campaign may be published. */
export interface Check {
  key: string;
  /** `must` keeps it from opening; `should` is advice. */
  level: 'must' | 'should';
  isMet: boolean;
  /** What has to be so, and, when it is not, what is missing. */
  words: string;
  missing?: string;
  /** Where it is mended: a part of the editor, or another page of the staff site. */
  at: string;
}

/** Everything that the list looks at; fetched apart, so that the rules stay plain. */
export interface Facts {
  campaign: Campaign;
  contracts: Contract[];
  sponsors: Sponsor[];
  site: Site;
  /** What the PDF's reading gave; missing when there is no PDF. */
  inspection?: Pick<Inspection, 'verdict' | 'reason' | 'advice'>;
  /** Addresses outside that its pages and messages lead to, and what was found there. */
  links: { url: string; state?: LinkState; found?: string }[];
  /** What DNS has against the sender's domain; null when nobody has asked. */
  senderTroubles: string[] | null;
  /** The campaigns that its neighbours' slugs name, and those that share a question. */
  others: Campaign[];
  now: Date;
}

type LinkState = 'alive' | 'gone' | 'unknown';

type Rule = (facts: Facts) => Check | Check[];

/** The part of it that a definition says by itself. */
export interface Said {
  campaign: Pick<Campaign, 'sponsors' | 'mail'> & { consents: { sponsor?: string; text: string }[] };
  sponsors: Pick<Sponsor, 'slug' | 'name'>[];
}

/** The whole list in the order in which one works through it. Met or not, each line is there. */
export function readiness(facts: Facts): Check[] {
  return RULES.flatMap((rule) => rule(facts));
}

/** What would be wrong at once for readers and sponsors of a campaign that is open, of all that a definition says. */
export function brokenInUse(said: Said): Check[] {
  return [sponsors(said), variables(said)].flat().filter(({ isMet }) => !isMet);
}

/** Whether nothing is missing that has to be there. */
export function isReady(checks: readonly Check[]): boolean {
  return checks.every(({ level, isMet }) => isMet || level === 'should');
}

const line = (
  key: string,
  words: string,
  at: string,
  missing: string | undefined | false,
  level: Check['level'] = 'must',
): Check => ({ key, level, isMet: !missing, words, at, ...(missing && { missing }) });

const pdf: Rule = ({ campaign, inspection }) => {
  const refused = inspection?.verdict === 'refused' && [inspection.reason, inspection.advice].filter(Boolean).join(' ');
  return line('pdf', 'The PDF can be stamped', 'paper', campaign.upload ? refused : 'There is no PDF yet.');
};

const texts: Rule = ({ campaign }) => {
  const { title, introduction, covered, mail } = campaign;
  const named: [string, boolean][] = [
    ['a title', title.trim() !== ''],
    ['an introduction', introduction.trim() !== ''],
    ['what is covered', covered.length > 0],
    ['a subject of the e-mail', mail.subject.trim() !== ''],
    ['a message', mail.body.trim() !== ''],
  ];
  const gone = named.filter(([, isThere]) => !isThere).map(([name]) => name);
  return line('texts', 'All texts are there', 'paper', gone.length > 0 && `It needs ${gone.join(', ')}.`);
};

const variables = ({ campaign: { mail } }: Said): Check => {
  const letters = [mail, ...(mail.followUps ?? [])];
  const unknown = letters.flatMap(({ subject, body }) => unknownVariables(`${subject} ${body}`));
  const words = unknown.map((name) => `{{${name}}}`).join(', ');
  return line(
    'variables',
    'Names in the messages can be filled in',
    'mail',
    unknown.length > 0 && `${words} would stay as it is. There is ${MAIL_VARIABLES.join(', ')}.`,
  );
};

/** A sponsor gets leads by a box that names it, and no other way (ICO: categories of companies are not specific enough). */
const sponsors = ({ campaign, sponsors: all }: Said): Check[] =>
  campaign.sponsors.map((slug) => {
    const name = all.find((one) => one.slug === slug)?.name ?? slug;
    const own = campaign.consents.filter(({ sponsor }) => sponsor === slug);
    const missing =
      own.length === 0
        ? `The form has no consent for ${name}, so it would get no lead.`
        : !own.every(({ text }) => names(text, name)) && `The words of its consent don’t name ${name}.`;
    return line(`sponsor ${slug}`, `${name} is named in its own consent`, 'consents', missing);
  });

const SUFFIX = /[\s,]+(?:ltd|limited|plc|inc|llc|gmbh|ag|bv|b\.v\.|s\.a\.|sas|oy|ab|as)\.?$/i;

/** Whether a text says a company's name; how the company is incorporated need not be said. */
export function names(text: string, name: string): boolean {
  const plain = (words: string) => words.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ');
  return plain(text).includes(plain(name.replace(SUFFIX, '')));
}

const dates: Rule = ({ campaign: { opens, closes }, now }) => {
  const missing =
    (closes && closes <= now && 'It closes in the past.') ||
    (opens && closes && opens >= closes && 'It closes before it opens.');
  return line('dates', 'The dates are in order', 'dates', missing || undefined);
};

const contractDates: Rule = ({ campaign, contracts, now }) => {
  const over = contracts.filter(
    ({ from, to }) => (to && to <= now) || (from && campaign.closes && from >= campaign.closes),
  );
  return line(
    'contract dates',
    'Every contract runs while the campaign is open',
    'consents',
    over.length > 0 &&
      `No lead can count for ${over.map(({ sponsor }) => sponsor).join(', ')}: the dates of the contract.`,
    'should',
  );
};

const NEUTRAL = /@(?:[\w.-]+\.)?(?:example|test|invalid|localhost)(?:\.\w+)?$/i;

const sender: Rule = ({ site, senderTroubles }) => [
  line(
    'sender',
    'The sender is an e-mail address',
    '/staff/site',
    !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(site.mailFrom) && `${site.mailFrom} is none.`,
  ),
  line(
    'sender domain',
    'The sender is yours',
    '/staff/site',
    NEUTRAL.test(site.mailFrom) && `${site.mailFrom} belongs to nobody, so mail servers will turn it away.`,
    'should',
  ),
  ...(senderTroubles
    ? [line('sender verified', 'Its domain lets our mail out', '/staff/mail', senderTroubles.join(' '), 'should')]
    : []),
];

const publisher: Rule = ({ site }) =>
  line(
    'publisher',
    'Readers learn who you are',
    '/staff/site',
    site.address.trim() === '' && 'The publisher’s postal address is missing; it stands below every message.',
    'should',
  );

const neighbours: Rule = ({ campaign, others }) => {
  const gone = (campaign.related ?? []).filter(
    (slug) => !others.some((one) => one.slug === slug && one.status === 'open'),
  );
  return line(
    'links',
    'Links to other campaigns lead somewhere',
    'page',
    gone.length > 0 && `${gone.join(', ')}: not open, so readers aren’t shown it.`,
    'should',
  );
};

/** A page that is gone by its own server's word must not be led to; of a server that says nothing staff are told. */
const outside: Rule = ({ links }) => {
  const gone = links.filter(({ state }) => state === 'gone');
  const silent = links.filter(({ state }) => state === 'unknown');
  const unseen = links.filter(({ state }) => state === undefined);
  const said = (some: Facts['links']) => `${some.map(({ url, found }) => `${url}: ${found}`).join('; ')}.`;
  const lookedAt = 'Publishing looks there, and so does “Look again”.';
  const advice = [
    silent.length > 0 && said(silent),
    unseen.length > 0 && `${unseen.map(({ url }) => url).join(', ')}: not looked at yet. ${lookedAt}`,
  ].filter(Boolean);
  const missing = gone.length > 0 ? said(gone) : advice.join(' ');
  return line(
    'outside links',
    'Links to other sites lead somewhere',
    'page',
    missing,
    gone.length > 0 ? 'must' : 'should',
  );
};

/** A code is what exports and CRMs go by: the same question with the same code means the same everywhere. */
const codes: Rule = ({ campaign, others }) => {
  const clashes = campaign.form.fields.flatMap(({ key, options = [] }) =>
    options.flatMap(({ code, label }) => {
      const other = others
        .filter(({ slug }) => slug !== campaign.slug)
        .find(({ form }) =>
          form.fields.some((one) => one.key === key && one.options?.some((o) => o.code === code && o.label !== label)),
        );
      return other ? [`${key} = ${code} means something else in “${other.title}”`] : [];
    }),
  );
  return line(
    'codes',
    'Answer codes mean the same in every campaign',
    'form',
    clashes.length > 0 && `${clashes.join('; ')}.`,
    'should',
  );
};

const RULES: Rule[] = [
  pdf,
  texts,
  sponsors,
  dates,
  sender,
  variables,
  contractDates,
  publisher,
  neighbours,
  outside,
  codes,
];
