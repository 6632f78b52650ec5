import type { Campaign, Field } from '../campaigns/campaign.types';
import type { Typed } from '../campaigns/campaigns';

/** Who a test is for; the rest of the form is filled in by `sampleAnswers`. */
export interface Sample {
  email: string;
  firstName: string;
  lastName: string;
  company: string;
}

/** A form of this campaign as a willing reader would send it: every question answered, every box ticked. */
export function sampleAnswers({ form, consents }: Pick<Campaign, 'form' | 'consents'>, who: Sample): Typed {
  const answers = form.fields.map((field) => [field.key, answerTo(field, who)] as const);
  return {
    ...Object.fromEntries(answers),
    ...Object.fromEntries(consents.map(({ key }) => [`consent.${key}`, 'yes'])),
  };
}

function answerTo({ key, type, options }: Field, who: Sample): string {
  if (key === 'jobTitle') return 'Head of examples';
  if (Object.hasOwn(who, key)) return who[key as keyof Sample];
  const [first] = options ?? [];
  const byType: Record<Field['type'], string> = {
    text: 'An example',
    email: who.email,
    phone: '+44 20 7946 0958',
    number: '12',
    country: 'GB',
    select: first?.code ?? '',
    radio: first?.code ?? '',
    checkbox: first?.code ?? '',
  };
  return byType[type];
}
