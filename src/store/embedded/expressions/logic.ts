import { Int32 } from 'bson';
import { MISSING, StoreError } from '../semantics';
import { compareValues } from '../semantics/compare';
import { isTruthy } from '../semantics/truth';
import { fixed, isNullish, listOf, type Maker, type Makers, namedArguments } from './expression';

/** In expressions what is missing is below everything else but MinKey, and no type is passed over. */
export function compareInOrder(a: unknown, b: unknown): number {
  if (a === MISSING || b === MISSING) {
    if (a === b) return 0;
    const other = a === MISSING ? b : a;
    const sign = compareValues(other, undefined) < 0 ? 1 : -1;
    return a === MISSING ? sign : -sign;
  }
  return compareValues(a, b);
}

const comparison = (name: string, accepts: (order: number) => boolean): Maker =>
  fixed(name, 2, (a, b) => accepts(compareInOrder(a, b)));

const junction =
  (neutral: boolean): Maker =>
  (argument, compiler) => {
    const parts = listOf(argument).map((one) => compiler.compile(one));
    return neutral
      ? (scope) => parts.every((part) => isTruthy(part(scope)))
      : (scope) => parts.some((part) => isTruthy(part(scope)));
  };

const cond: Maker = (argument, compiler) => {
  const [condition, yes, no] = (Array.isArray(argument) ? threeOf(argument) : threeNamed(argument)).map((one) =>
    compiler.compile(one),
  );
  return (scope) => (isTruthy(condition?.(scope)) ? yes?.(scope) : no?.(scope));
};

function threeOf(list: unknown[]): unknown[] {
  if (list.length !== 3)
    throw new StoreError(16020, `Expression $cond takes exactly 3 arguments. ${list.length} were passed in.`);
  return list;
}

function threeNamed(argument: unknown): unknown[] {
  const given = namedArguments('$cond', argument, ['if', 'then', 'else']);
  return [given['if'], given['then'], given['else']];
}

const ifNull: Maker = (argument, compiler) => {
  const parts = listOf(argument).map((one) => compiler.compile(one));
  if (parts.length < 2) throw new StoreError(1257300, '$ifNull needs at least two arguments');
  return (scope) => {
    let value: unknown = null;
    for (const part of parts) {
      value = part(scope);
      if (!isNullish(value)) return value;
    }
    return value;
  };
};

const choose: Maker = (argument, compiler) => {
  const given = namedArguments('$switch', argument, ['branches'], ['default']);
  const branches = listOf(given['branches']).map((branch) => {
    const { case: condition, then } = namedArguments('$switch', branch, ['case', 'then']);
    return [compiler.compile(condition), compiler.compile(then)] as const;
  });
  if (branches.length === 0) throw new StoreError(40068, '$switch requires at least one branch.');
  const otherwise = 'default' in given ? compiler.compile(given['default']) : null;
  return (scope) => {
    const found = branches.find(([condition]) => isTruthy(condition(scope)));
    if (found) return found[1](scope);
    if (otherwise) return otherwise(scope);
    throw new StoreError(40066, '$switch could not find a matching branch for an input, and no default was specified.');
  };
};

export const LOGIC: Makers = {
  $eq: comparison('$eq', (order) => order === 0),
  $ne: comparison('$ne', (order) => order !== 0),
  $gt: comparison('$gt', (order) => order > 0),
  $gte: comparison('$gte', (order) => order >= 0),
  $lt: comparison('$lt', (order) => order < 0),
  $lte: comparison('$lte', (order) => order <= 0),
  $cmp: fixed('$cmp', 2, (a, b) => new Int32(Math.sign(compareInOrder(a, b)))),
  $and: junction(true),
  $or: junction(false),
  $not: fixed('$not', 1, (value) => !isTruthy(value)),
  $cond: cond,
  $ifNull: ifNull,
  $switch: choose,
};
