import { compareValues, encodeValue, StoreError } from '../semantics';
import { isTruthy } from '../semantics/truth';
import { typeName } from './arithmetic';
import { fixed, isNullish, type Makers, variadic } from './expression';

/** Sets are arrays without doubles, in the order of values. */
type Keyed = Map<string, unknown>;

function keyed(array: unknown[]): Keyed {
  const values: Keyed = new Map();
  for (const value of array) {
    const name = encodeValue(value).toString('latin1');
    if (!values.has(name)) values.set(name, value);
  }
  return values;
}

const shared = (a: Keyed, b: Keyed): Keyed => new Map([...a].filter(([name]) => b.has(name)));
const ordered = (values: Iterable<unknown>): unknown[] => [...values].sort(compareValues);

function arrayOf(value: unknown, name: string, code: number): unknown[] {
  if (!Array.isArray(value))
    throw new StoreError(code, `All operands of ${name} must be arrays. One argument is of type: ${typeName(value)}`);
  return value;
}

function union(sets: Iterable<unknown>): unknown {
  const all: unknown[] = [];
  for (const one of sets) {
    if (isNullish(one)) return null;
    for (const value of arrayOf(one, '$setUnion', 17043)) all.push(value);
  }
  return ordered(keyed(all).values());
}

/** Once nothing is left, what follows is not looked at. */
function intersection(sets: Iterable<unknown>): unknown {
  let left: Keyed | undefined;
  for (const one of sets) {
    if (isNullish(one)) return null;
    const set = keyed(arrayOf(one, '$setIntersection', 17047));
    left = left ? shared(left, set) : set;
    if (left.size === 0) break;
  }
  return ordered(left?.values() ?? []);
}

function difference(a: unknown, b: unknown): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  const [left, right] = [arrayOf(a, '$setDifference', 17048), keyed(arrayOf(b, '$setDifference', 17049))];
  return [...keyed(left)].filter(([name]) => !right.has(name)).map(([, value]) => value);
}

function equals(sets: Iterable<unknown>): boolean {
  const [first = new Map(), ...others] = [...sets].map((one) => keyed(arrayOf(one, '$setEquals', 17044)));
  if (others.length === 0) throw new StoreError(17045, '$setEquals needs at least two arguments');
  return others.every((one) => one.size === first.size && [...one.keys()].every((name) => first.has(name)));
}

function isSubset(a: unknown, b: unknown): boolean {
  const [left, right] = [arrayOf(a, '$setIsSubset', 17046), keyed(arrayOf(b, '$setIsSubset', 17042))];
  return [...keyed(left).keys()].every((name) => right.has(name));
}

export const SETS: Makers = {
  $setUnion: variadic(union),
  $setIntersection: variadic(intersection),
  $setDifference: fixed('$setDifference', 2, difference),
  $setEquals: variadic(equals),
  $setIsSubset: fixed('$setIsSubset', 2, isSubset),
  $anyElementTrue: fixed('$anyElementTrue', 1, (value) => arrayOf(value, '$anyElementTrue', 17041).some(isTruthy)),
  $allElementsTrue: fixed('$allElementsTrue', 1, (value) => arrayOf(value, '$allElementsTrue', 17040).every(isTruthy)),
};
