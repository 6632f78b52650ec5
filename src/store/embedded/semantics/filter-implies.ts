import { compareValues, equalValues } from './compare';
import { comparison } from './filter-operators';
import { type FilterShape, filterShape, type Predicate } from './filter-shape';
import type { Filter } from './matcher';
import { type Doc, MISSING } from './types';
import { isNumber, kindOf } from './values';

/**
 * Does every document that matches `filter` also match the filter of a partial index? Careful: false when in doubt. The
 * partial filter may hold equalities, ranges, `$in`, `$type` and `$exists: true`, by path and joined by AND.
 */
export function implies(filter: Doc | Filter, partial: Doc | Filter): boolean {
  const wanted = filterShape(partial);
  if (!wanted.complete) return false;
  const given = filterShape(filter);
  return [...wanted.paths].every(([path, conditions]) => conditions.every((one) => impliedBy(given, path, one)));
}

function impliedBy(given: FilterShape, path: string, wanted: Predicate): boolean {
  return (given.paths.get(path) ?? []).some((one) => predicateImplies(one, wanted));
}

/** Does one condition on a path force another one on the same path? */
function predicateImplies(given: Predicate, wanted: Predicate): boolean {
  if (sameCondition(given, wanted)) return true;
  if (wanted.op === 'exists') return wanted.value === true && needsField(given);
  if (given.op === 'eq') return !isLoose(given.value) && accepts(wanted, given.value);
  if (given.op === 'in') {
    const values = given.value as unknown[];
    return values.every((value) => !isLoose(value) && accepts(wanted, value));
  }
  return isRange(given.op) && isRange(wanted.op) && rangeImplies(given, wanted);
}

function sameCondition(a: Predicate, b: Predicate): boolean {
  if (a.op === 'other' || a.op === 'regex' || a.op === 'elemMatch') return false;
  return a.op === b.op && equalValues(a.value, b.value) && kindOf(a.value) === kindOf(b.value);
}

/** Null also meets missing fields; an array meets element by element; a regular expression in `$in` meets many values. */
function isLoose(value: unknown): boolean {
  return value === null || value === undefined || Array.isArray(value) || kindOf(value) === 'regex';
}

function needsField(given: Predicate): boolean {
  if (given.op === 'eq') return given.value !== null && given.value !== undefined;
  if (given.op === 'in') return (given.value as unknown[]).every((value) => value !== null && value !== undefined);
  if (given.op === 'exists') return given.value === true;
  if (isRange(given.op)) return !comparison(`$${given.op}`, given.value)(MISSING);
  return given.op === 'type' || given.op === 'regex' || given.op === 'elemMatch';
}

type Range = 'gt' | 'gte' | 'lt' | 'lte';

function isRange(op: Predicate['op']): op is Range {
  return op === 'gt' || op === 'gte' || op === 'lt' || op === 'lte';
}

function accepts(wanted: Predicate, value: unknown): boolean {
  if (wanted.op === 'eq') return comparison('$eq', wanted.value)(value);
  if (wanted.op === 'in') {
    return (wanted.value as unknown[]).some((one) => kindOf(one) !== 'regex' && comparison('$eq', one)(value));
  }
  if (wanted.op === 'type') return isOfType(value, [wanted.value].flat());
  return isRange(wanted.op) && comparison(`$${wanted.op}`, wanted.value)(value);
}

/** Two bounds on the same side, of the same type, the given one not wider. */
function rangeImplies(given: Predicate, wanted: Predicate): boolean {
  if (given.op[0] !== wanted.op[0] || isLoose(given.value) || isLoose(wanted.value)) return false;
  if (comparison('$eq', wanted.value)(given.value)) return wanted.op.endsWith('e') || !given.op.endsWith('e');
  const inside = wanted.op[0] === 'g' ? '$gt' : '$lt';
  return comparison(inside, wanted.value)(given.value) && compareValues(given.value, wanted.value) !== 0;
}

/** Numbers equal numbers of other types, and strings symbols, so that an equal value may be of another type. */
function isOfType(value: unknown, types: readonly unknown[]): boolean {
  const kind = kindOf(value);
  if (isNumber(kind)) return types.includes('number');
  return kind !== 'string' && kind !== 'symbol' && types.includes(kind);
}
