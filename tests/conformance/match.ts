import { BSON } from 'mongodb';

/**
 * Whether a result is what a specification test expects (unified test format, "Evaluating Matches"): numbers by value,
 * special operators by their names, and fields beyond the expected ones only where a document is not nested.
 */
export interface Matching {
  entities: ReadonlyMap<string, unknown>;
}

type Doc = Record<string, unknown>;

/** What differs, with the way to it; null when it matches. */
export function mismatch(expected: unknown, actual: unknown, { entities }: Matching, root = true): string | null {
  return compare(expected, actual, entities, root, '');
}

function compare(
  expected: unknown,
  actual: unknown,
  entities: ReadonlyMap<string, unknown>,
  root: boolean,
  path: string,
): string | null {
  const special = specialOf(expected);
  if (special) return compareSpecial(special, actual, entities, path);
  if (isDocument(expected)) {
    return isDocument(actual)
      ? compareDocuments(expected, actual, entities, root, path)
      : differs(expected, actual, path);
  }
  if (Array.isArray(expected)) return compareArrays(expected, actual, entities, path);
  return same(expected, actual) ? null : differs(expected, actual, path);
}

const differs = (expected: unknown, actual: unknown, path: string): string =>
  `${path || 'the result'}: expected ${show(expected)}, got ${show(actual)}`;

const show = (value: unknown): string => BSON.EJSON.stringify({ value }).slice(9, -1) || 'nothing';

function specialOf(expected: unknown): [string, unknown] | null {
  if (!isDocument(expected)) return null;
  const [first, ...more] = Object.entries(expected);
  return first && more.length === 0 && first[0].startsWith('$$') ? first : null;
}

function compareSpecial(
  [name, argument]: [string, unknown],
  actual: unknown,
  entities: ReadonlyMap<string, unknown>,
  path: string,
): string | null {
  const holds = (met: boolean) => (met ? null : differs({ [name]: argument }, actual, path));
  switch (name) {
    case '$$exists':
      return holds((actual !== undefined) === argument);
    case '$$type':
      return holds([argument].flat().some((one) => isOfType(String(one), actual)));
    case '$$unsetOrMatches':
      return actual === undefined || actual === null ? null : compare(argument, actual, entities, true, path);
    case '$$matchesEntity':
      return compare(entities.get(String(argument)), actual, entities, false, path);
    case '$$matchesHexBytes':
      return holds(Buffer.isBuffer(actual) && actual.toString('hex') === argument);
    case '$$lte':
      return holds(Number(actual) <= Number(argument));
    default:
      throw new Error(`the runner does not know ${name}`);
  }
}

function compareDocuments(
  expected: Doc,
  actual: Doc,
  entities: ReadonlyMap<string, unknown>,
  root: boolean,
  path: string,
): string | null {
  for (const [name, value] of Object.entries(expected)) {
    const found = compare(value, actual[name], entities, false, path ? `${path}.${name}` : name);
    if (found) return found;
  }
  if (root) return null;
  const extra = Object.keys(actual).find((name) => !(name in expected) && actual[name] !== undefined);
  return extra === undefined ? null : `${path}.${extra}: not expected, got ${show(actual[extra])}`;
}

/** An array's documents are roots of their own when the array is the whole result. */
function compareArrays(
  expected: unknown[],
  actual: unknown,
  entities: ReadonlyMap<string, unknown>,
  path: string,
): string | null {
  if (!Array.isArray(actual) || actual.length !== expected.length) return differs(expected, actual, path);
  for (const [i, one] of expected.entries()) {
    const found = compare(one, actual[i], entities, path === '', `${path}[${i}]`);
    if (found) return found;
  }
  return null;
}

function same(expected: unknown, actual: unknown): boolean {
  if (expected === null) return actual === null;
  if (isNumeric(expected) && isNumeric(actual)) return String(expected) === String(actual);
  return BSON.EJSON.stringify({ value: expected }) === BSON.EJSON.stringify({ value: actual });
}

const isNumeric = (value: unknown): boolean =>
  typeof value === 'number' ||
  value instanceof BSON.Long ||
  value instanceof BSON.Double ||
  value instanceof BSON.Int32;

export function isDocument(value: unknown): value is Doc {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !Buffer.isBuffer(value) &&
    !(value instanceof Date) &&
    (!('_bsontype' in value) || Object.hasOwn(value, '_bsontype'))
  );
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case 'object':
      return isDocument(value);
    case 'array':
      return Array.isArray(value);
    case 'date':
      return value instanceof Date;
    case 'objectId':
      return value instanceof BSON.ObjectId;
    case 'int':
      return Number.isInteger(value) || value instanceof BSON.Int32;
    case 'long':
      return Number.isInteger(value) || value instanceof BSON.Long;
    case 'double':
      return typeof value === 'number' || value instanceof BSON.Double;
    case 'binData':
      return value instanceof BSON.Binary || Buffer.isBuffer(value);
    case 'bool':
      return typeof value === 'boolean';
    case 'string':
      return typeof value === 'string';
    default:
      throw new Error(`the runner does not know the type ${type}`);
  }
}
