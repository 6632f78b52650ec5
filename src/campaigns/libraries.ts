import { listSponsors, type Sponsor } from '../sponsors/sponsors';
import { CampaignModel } from './campaign.model';
import type { Consent, Field } from './campaign.types';
import { isStandardKey } from './form.words';

/** What a controller may do with an address, and the words of the box until somebody has found better ones. */
const PURPOSES: Record<string, (who: string) => string> = {
  'news by e-mail': (who) => `Yes, ${who} may send me news by e-mail. I can stop it at any time.`,
  'contact by e-mail': (who) => `Yes, ${who} may e-mail me about its products and services. I can stop it at any time.`,
  'contact by telephone': (who) =>
    `Yes, ${who} may call me about its products and services. I can stop it at any time.`,
  'invitations to events': (who) => `Yes, ${who} may invite me to its events by e-mail. I can stop it at any time.`,
};
export const PURPOSE_NAMES = Object.keys(PURPOSES);

/** Questions that sponsors often ask for; their codes stay for good. */
const STARTERS: Field[] = [
  choice('size', 'How many people work in your organisation?', ['1-49', '50-249', '250-999', '1000+'], {
    why: 'It tells us which examples are useful to you.',
  }),
  choice('role', 'What is your part in buying this?', ['I decide', 'I recommend', 'I use it', 'None']),
  choice('timeline', 'When do you plan to act?', ['Within 3 months', 'Within 12 months', 'Later', 'No plans']),
  choice('budget', 'Is there a budget for it?', ['Yes', 'Being prepared', 'No']),
  { key: 'q.need', type: 'text', label: 'What do you want to solve?', required: false },
];

function choice(name: string, label: string, answers: string[], more: Partial<Field> = {}): Field {
  const options = answers.map((answer) => ({ code: answer.toLowerCase().replace(/[^a-z0-9+]+/g, '-'), label: answer }));
  return { key: `q.${name}`, type: 'select', label, required: false, options, ...more };
}

/**
 * Own questions to choose from: every one that a campaign asks, as the newest asks it, and some to start with. Taken from
 * here, a question keeps its name and codes, so that exports and CRMs read it alike in every campaign.
 */
export async function questionLibrary(): Promise<Field[]> {
  const library = new Map(STARTERS.map((field) => [field.key, field]));
  for (const { form } of await oldestFirst()) {
    for (const field of form.fields) if (!isStandardKey(field.key)) library.set(field.key, withoutCondition(field));
  }
  return [...library.values()].sort((a, b) => a.label.localeCompare(b.label, 'en'));
}

/** What it waited for there may not be asked here. */
function withoutCondition({ showIf: _, ...field }: Field): Field {
  return field;
}

export interface ConsentLibrary {
  purposes: string[];
  sponsors: Sponsor[];
  /** The words for a controller and a purpose: as last used, or as above. */
  words(controller: string | undefined, name: string, purpose: string): string;
}

/** Controllers, purposes, and the words that were last used for them. */
export async function consentLibrary(): Promise<ConsentLibrary> {
  const [campaigns, sponsors] = await Promise.all([oldestFirst(), listSponsors()]);
  const id = (sponsor: string | undefined, purpose: string | undefined) => `${sponsor ?? ''} ${purpose ?? ''}`;
  const used = new Map(
    campaigns.flatMap(({ consents }) => consents).map((one: Consent) => [id(one.sponsor, one.purpose), one.text]),
  );
  return {
    purposes: PURPOSE_NAMES,
    sponsors,
    words: (controller, name, purpose) => used.get(id(controller, purpose)) ?? PURPOSES[purpose]?.(name) ?? '',
  };
}

function oldestFirst() {
  return CampaignModel.find({}, { form: 1, consents: 1 }).sort({ createdAt: 1 }).lean();
}
