import type { Campaign, Field } from '../campaigns/campaign.types';
import { versionsOf } from '../campaigns/campaigns';

/** A consent box and whom it names; without `sponsor` the publisher. */
export interface Box {
  key: string;
  sponsor?: string;
}

/** What a campaign asks, or ever asked: what it asks now first, then what went, newest first. */
export interface Asked {
  /** Keys of own questions without `q.` */
  questions: string[];
  consents: Box[];
  /** The text of each code of an own question, `<key>=<code>`, as it was worded last. */
  words: Record<string, string>;
}

/** Of every version of the form and the consents, so that no answer is lost because its question went. */
export async function everAsked(campaign: Campaign): Promise<Asked> {
  const earlier = (await versionsOf(campaign.slug)).reverse();
  const fields = earlier.flatMap(({ subject, content }) => (subject === 'form' ? (content as Field[]) : []));
  const own = [...campaign.form.fields, ...fields].filter(({ key }) => key.startsWith('q.'));
  const boxes = earlier.flatMap(({ subject, content }): Box[] => {
    const [, key] = /^consent\.(.+)$/.exec(subject) ?? [];
    return key ? [{ ...(content as Omit<Box, 'key'>), key }] : [];
  });
  return {
    questions: [...new Set(own.map(({ key }) => key.slice(2)))],
    consents: [...campaign.consents, ...boxes],
    words: wordsOf(own),
  };
}

/** The newest wording stands first, so it is the one that stays. */
function wordsOf(fields: Field[]): Record<string, string> {
  const words = new Map<string, string>();
  for (const { key, options = [] } of fields) {
    for (const { code, label } of options) {
      const answer = `${key.slice(2)}=${code}`;
      if (!words.has(answer)) words.set(answer, label);
    }
  }
  return Object.fromEntries(words);
}
