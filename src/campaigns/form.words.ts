import type { Field } from './campaign.types';

/** What each standard field is called, and what its messages call it. */
export const STANDARD_FIELDS = {
  email: { type: 'email', label: 'Work e-mail address', thing: 'your e-mail address' },
  firstName: { type: 'text', label: 'First name', thing: 'your first name' },
  lastName: { type: 'text', label: 'Last name', thing: 'your last name' },
  company: { type: 'text', label: 'Company or organisation', thing: 'the name of your organisation' },
  jobTitle: { type: 'text', label: 'Job title', thing: 'your job title' },
  country: { type: 'country', label: 'Country', thing: 'your country' },
  phone: { type: 'phone', label: 'Telephone number', thing: 'your telephone number' },
} as const;

export type StandardKey = keyof typeof STANDARD_FIELDS;

export function isStandardKey(key: string): key is StandardKey {
  return Object.hasOwn(STANDARD_FIELDS, key);
}

type Words = Record<string, string>;

/** Joi reads `{` in a message as a template; a marketer's label is only text. */
function plain(text: string): string {
  return text.replaceAll('{', '\\{');
}

const CHOICES = new Set<Field['type']>(['select', 'radio', 'country', 'checkbox']);

/** The message of each mistake that a reader can make in `field`, by Joi's error code: what to do, in plain words. */
export function wordsFor(field: Field): Words {
  const own = `an answer to “${plain(field.label)}”`;
  const thing = isStandardKey(field.key) ? STANDARD_FIELDS[field.key].thing : own;
  const verb = CHOICES.has(field.type) ? 'Choose' : 'Enter';
  const missing =
    field.type === 'checkbox' ? `Choose at least one answer to “${plain(field.label)}”` : `${verb} ${thing}`;
  const pick = `${capital(thing)} has to be one of the list: choose it again`;
  return {
    'any.required': missing,
    'string.base': `${verb} ${thing} once; it arrived more than once`,
    'text.control': `Take out line breaks and invisible characters: ${verb.toLowerCase()} ${thing} in plain text`,
    'text.long': `Shorten ${own === thing ? `your answer to “${plain(field.label)}”` : thing} to 200 characters or fewer`,
    'any.only': pick,
    'array.includes': pick,
    'array.base': pick,
    'string.email': 'Enter an e-mail address in the correct format, like name@example.com',
    'email.long': 'Enter a shorter e-mail address: 64 characters before the @ and 254 in all at most',
    'address.personal': 'Enter your work e-mail address: this paper is not sent to personal mailboxes',
    'address.disposable': 'Enter a lasting e-mail address: this one belongs to a service for throw-away mailboxes',
    'phone.format': 'Enter a telephone number with digits only, like +44 20 7946 0958',
    'number.format': `Enter ${thing} as a number in digits, like 1200 or 2.5`,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
