import type { Contract, Sponsor } from '../sponsors/sponsors';
import type { Campaign, Consent, Field, FollowUp, Site } from './campaign.types';
import { type EditorFields, fieldsOfRows, type Row } from './editor.rows';
import { isStandardKey, STANDARD_FIELDS } from './form.words';
import { addressOf } from './public-address';
import { writeMoment } from './schedule';

const STAMP_WORDS = 'Prepared for {{name}} · {{company}} · {{email}} · {{date}} · {{ref}}';

/** The fields of a campaign as it is. */
export function fieldsFrom(campaign: Campaign, contracts: Contract[], sponsors: Sponsor[], site: Site): EditorFields {
  const { form, consents, mail, stamp, search, upload } = campaign;
  return {
    ...textsOf(campaign, site),
    revision: String(campaign.revision ?? 0),
    upload: upload?.file ?? '',
    'search.title': search?.title ?? '',
    'search.description': search?.description ?? '',
    ...(search?.noindex && { 'search.noindex': 'yes' }),
    'addresses.personal': campaign.addresses.personal,
    'addresses.disposable': campaign.addresses.disposable,
    'mail.subject': mail.subject,
    'mail.body': mail.body,
    ...(campaign.confirmFirst && { confirmFirst: 'yes' }),
    'stamp.preset': stamp.preset,
    'stamp.template': stamp.template,
    'stamp.margin': stamp.margin?.toString() ?? '',
    'stamp.size': stamp.size?.toString() ?? '',
    'stamp.colour': stamp.colour ?? '',
    ...fieldsOfRows('f', form.fields.map(questionRow)),
    ...fieldsOfRows('c', consents.map(consentRow)),
    ...fieldsOfRows(
      's',
      sponsors.map((sponsor) => sponsorRow(sponsor, contracts, site)),
    ),
    ...fieldsOfRows('u', (mail.followUps ?? []).map(followUpRow)),
  };
}

function textsOf(campaign: Campaign, site: Site): EditorFields {
  return {
    address: addressOf(campaign),
    title: campaign.title,
    introduction: campaign.introduction,
    covered: campaign.covered.join('\n'),
    audience: (campaign.audience ?? []).join('\n'),
    topics: campaign.topics.join(', '),
    related: (campaign.related ?? []).join(', '),
    body: campaign.body ?? '',
    thanks: campaign.thanks ?? '',
    opens: local(campaign.opens, site),
    closes: local(campaign.closes, site),
  };
}

/** The fields of a campaign that is yet to be: what nearly every one asks and says. */
export function emptyFields(site: Site): EditorFields {
  const asked = ['email', 'firstName', 'lastName', 'company', 'jobTitle', 'country'];
  return {
    revision: '0',
    'mail.subject': 'Your copy of “{{title}}”',
    'mail.body': 'Dear {{firstName}},\n\nThank you for asking for “{{title}}”.',
    'addresses.personal': 'accept',
    'addresses.disposable': 'refuse',
    'stamp.preset': 'footer',
    'stamp.template': STAMP_WORDS,
    ...fieldsOfRows('f', asked.map(standardRow)),
    ...fieldsOfRows('c', [
      {
        key: 'publisher',
        controller: '',
        purpose: 'news by e-mail',
        text: `Yes, ${site.name} may send me news by e-mail. I can stop it at any time.`,
      },
    ]),
    ...fieldsOfRows('s', []),
    ...fieldsOfRows('u', []),
  };
}

/** A standard field as it is asked when nobody says otherwise. */
export function standardRow(key: string): Row {
  return isStandardKey(key) ? { key, label: STANDARD_FIELDS[key].label, required: 'yes' } : { key };
}

/** A moment as a field for date and time takes it, in the site's time zone. */
function local(at: Date | undefined, { timezone }: Site): string {
  return at ? writeMoment(at, timezone).slice(0, 16) : '';
}

/** A question of the form or of the library as the editor's fields hold it. */
export function questionRow({ key, type, label, required, help, why, options, showIf }: Field): Row {
  return {
    key,
    type,
    label,
    ...(required && { required: 'yes' }),
    help: help ?? '',
    why: why ?? '',
    options: (options ?? []).map(({ code, label: name }) => `${code} = ${name}`).join('\n'),
    if: showIf?.field ?? '',
    is: (showIf?.is ?? []).join(', '),
  };
}

const consentRow = ({ key, sponsor, purpose, text }: Consent): Row => ({
  key,
  controller: sponsor ?? '',
  purpose: purpose ?? '',
  text,
});

const followUpRow = ({ afterDays, subject, body, consent }: FollowUp): Row => ({
  afterDays: String(afterDays),
  subject,
  body,
  consent,
});

function sponsorRow({ slug, name, privacyUrl }: Sponsor, contracts: Contract[], site: Site): Row {
  const terms = contracts.find(({ sponsor }) => sponsor === slug);
  return {
    slug,
    name,
    privacyUrl: privacyUrl ?? '',
    cap: terms?.cap?.toString() ?? '',
    from: local(terms?.from, site),
    to: local(terms?.to, site),
    perCompanyDomain: terms?.perCompanyDomain?.toString() ?? '',
    countries: terms?.filters.find(({ field }) => field === 'country')?.in.join(', ') ?? '',
    overflow: terms?.overflow ?? 'hold',
  };
}
