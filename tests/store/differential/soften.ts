import { Decimal128 } from 'bson';
import { type Doc, isDocument, kindOf } from '../../../src/store/embedded/semantics';
import { isNumber } from '../../../src/store/embedded/semantics/values';
import { spelled } from './servers';

/** What makes two answers the same that differ by one deviation alone. */
export type Soften = (value: unknown) => unknown;

const mapped = (value: unknown, each: Soften): unknown => {
  if (Array.isArray(value)) return value.map(each);
  if (!isDocument(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, each(one)]));
};

const byText = (a: unknown, b: unknown): number => (spelled(a) < spelled(b) ? -1 : 1);

/** Fields in alphabetical order. */
export const inOrder: Soften = (value) => {
  const inner = mapped(value, inOrder);
  if (!isDocument(inner)) return inner;
  return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** Elements in any order. */
export const asSets: Soften = (value) => {
  const inner = mapped(value, asSets);
  return Array.isArray(inner) ? inner.sort(byText) : inner;
};

/** Strings in capitals. */
export const inCapitals: Soften = (value) =>
  typeof value === 'string' ? value.toUpperCase() : mapped(value, inCapitals);

/** Without fields and elements of a kind. */
export const without = (dropped: (value: unknown) => boolean): Soften => {
  const soften: Soften = (value) => {
    const inner = mapped(value, soften);
    if (Array.isArray(inner)) return inner.filter((one) => !dropped(one));
    if (!isDocument(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).filter(([, one]) => !dropped(one)));
  };
  return soften;
};
export const isNull = (value: unknown): boolean => value === null;
export const isEmpty = (value: unknown): boolean => isDocument(value) && Object.keys(value).length === 0;

const numbers = (change: (value: unknown) => unknown): Soften => {
  const soften: Soften = (value) => {
    if (typeof value === 'object' && value !== null && isNumber(kindOf(value))) return change(value);
    return mapped(value, soften);
  };
  return soften;
};

/** Zeros and NaN of all types. */
export const zeros = numbers((value) => (Number(String(value)) ? value : 0));
/** Numbers by value, to 12 digits. */
export const values = numbers((value) => Number(String(value)).toPrecision(12));
/** Decimals without zeros at their end. */
export const shortDecimals = numbers((value) => {
  if (!(value instanceof Decimal128)) return value;
  const [digits = '', exponent = '0'] = String(value).split('E');
  const [whole = '', fraction = ''] = digits.replace('-', '').split('.');
  const all = (whole + fraction).replace(/^0+/, '');
  const short = all.replace(/0+$/, '');
  return short === '' ? 0 : `${short}E${Number(exponent) - fraction.length + all.length - short.length}`;
});

/** The keys of groups, once each, their fields in any order. */
export const keysOfGroups: Soften = (answer) => {
  const rows = ((answer as Doc)['documents'] as Doc[] | undefined) ?? [];
  return [...new Set(rows.map((row) => spelled(inOrder(values(row['_id'])))))].sort();
};
