import { CODE, StoreError } from './errors';
import { type BitOperator, bitTest } from './filter-bits';
import {
  arraySize,
  type Comparison,
  comparison,
  elementMatches,
  elementMeets,
  equalityOrRegex,
  exists,
  modulo,
  oneOf,
  regularExpression,
} from './filter-operators';
import type { FilterNode, Test } from './filter-tree';
import { typeTest } from './filter-types';
import { type Leaf, splitPath } from './path';
import { isTruthy } from './truth';
import type { Doc, Evaluate } from './types';
import { fieldsOf, isDocument, kindOf, regexOf } from './values';

const bad = (message: string) => new StoreError(CODE.BadValue, message);

/** Operators that stand where a field's name would, taking no path; those that are not served here are refused as such. */
const PATHLESS: ReadonlySet<string> = new Set([
  ...['$and', '$or', '$nor', '$comment', '$expr', '$ref', '$id', '$db'],
  ...['$where', '$text', '$jsonSchema', '$alwaysTrue', '$alwaysFalse', '$sampleRate'],
]);

export function isPathless(name: string): boolean {
  return PATHLESS.has(name);
}

/** Reads a whole filter; an unknown operator or a wrong argument throws MongoDB's error. */
export function parseFilter(filter: Doc, evaluate: Evaluate | undefined, nested = false): FilterNode {
  const children = Object.entries(fieldsOf(filter)).flatMap(([name, argument]): FilterNode[] => {
    if (name === '$comment') return [];
    if (name.startsWith('$')) return [parsePathless(name, argument, evaluate, nested)];
    return parseField(name, argument, evaluate);
  });
  return all(children);
}

function all(children: readonly FilterNode[]): FilterNode {
  const [only] = children;
  return children.length === 1 && only ? only : { kind: 'and', children };
}

function parsePathless(name: string, argument: unknown, evaluate: Evaluate | undefined, nested: boolean): FilterNode {
  switch (name) {
    case '$and':
    case '$or':
    case '$nor':
      return {
        kind: name === '$and' ? 'and' : name === '$or' ? 'or' : 'nor',
        children: clauses(name, argument, evaluate, nested),
      };
    case '$expr':
      if (nested) throw bad('$expr can only be applied to the top-level document');
      if (!evaluate) throw bad('$expr is not allowed in this context');
      return { kind: 'expr', evaluate: evaluate(argument) };
    case '$ref':
    case '$id':
    case '$db':
      return leaf('$eq', name, argument, comparison('$eq', argument));
    default:
      throw bad(
        `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      );
  }
}

function clauses(name: string, argument: unknown, evaluate: Evaluate | undefined, nested: boolean): FilterNode[] {
  if (!Array.isArray(argument)) throw bad(`${name} must be an array`);
  if (argument.length === 0) throw bad('$and/$or/$nor must be a nonempty array');
  return argument.map((clause) => {
    if (!isDocument(clause)) throw bad('$or/$and/$nor entries need to be full objects');
    return parseFilter(clause, evaluate, nested);
  });
}

function parseField(path: string, argument: unknown, evaluate: Evaluate | undefined): FilterNode[] {
  if (isOperators(argument)) return parseOperators(path, fieldsOf(argument), evaluate);
  const op = kindOf(argument) === 'regex' ? '$regex' : '$eq';
  return [leaf(op, path, argument, equalityOrRegex(argument))];
}

/** A document whose first field is an operator; a DBRef (`$ref` and `$id`) is a value. */
export function isOperators(value: unknown, partialRefs = false): value is Doc {
  if (!isDocument(value)) return false;
  const names = Object.keys(fieldsOf(value));
  if (!names[0]?.startsWith('$')) return false;
  const has = (name: string) => names.includes(name);
  return !(partialRefs ? has('$ref') || has('$id') || has('$db') : has('$ref') && has('$id'));
}

function parseOperators(path: string, operators: Doc, evaluate: Evaluate | undefined): FilterNode[] {
  return Object.entries(operators).flatMap(([op, argument]) => {
    if (op === '$options') {
      if (!Object.hasOwn(operators, '$regex')) throw bad('$options needs a $regex');
      return [];
    }
    return [parseOperator(path, op, argument, operators, evaluate)];
  });
}

function parseOperator(
  path: string,
  op: string,
  argument: unknown,
  siblings: Doc,
  evaluate: Evaluate | undefined,
): FilterNode {
  switch (op) {
    case '$eq':
      return leaf(op, path, argument, comparison('$eq', argument));
    case '$ne':
      if (kindOf(argument) === 'regex') throw bad("Can't have regex as arg to $ne.");
      return { kind: 'not', child: leaf('$eq', path, argument, comparison('$eq', argument)) };
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return ordered(path, op, argument);
    case '$in':
      return membership(path, op, argument);
    case '$nin':
      return { kind: 'not', child: membership(path, op, argument) };
    case '$exists':
      return presence(path, argument);
    case '$not':
      return negation(path, argument, evaluate);
    case '$regex':
      return regexWithOptions(path, siblings);
    default:
      return parseRarer(path, op, argument, evaluate);
  }
}

function parseRarer(path: string, op: string, argument: unknown, evaluate: Evaluate | undefined): FilterNode {
  switch (op) {
    case '$type':
      return leaf(op, path, argument, typeTest(path, argument));
    case '$mod':
      return leaf(op, path, argument, modulo(argument));
    case '$size':
      return leaf(op, path, argument, arraySize(argument), 'array');
    case '$elemMatch':
      return elemMatch(path, argument, evaluate);
    case '$all':
      return allOf(path, argument, evaluate);
    case '$bitsAllSet':
    case '$bitsAllClear':
    case '$bitsAnySet':
    case '$bitsAnyClear':
      return leaf(op, path, argument, bitTest(op satisfies BitOperator, path, argument));
    default:
      throw bad(`unknown operator: ${op}`);
  }
}

function leaf(op: string, path: string, argument: unknown, test: Test, end: Leaf = 'elements-and-array'): FilterNode {
  return { kind: 'leaf', op, path, parts: splitPath(path), leaf: end, argument, test };
}

function ordered(path: string, op: Exclude<Comparison, '$eq'>, argument: unknown): FilterNode {
  if (kindOf(argument) === 'regex') throw bad(`Can't have RegEx as arg to predicate over field '${path}'.`);
  return leaf(op, path, argument, comparison(op, argument));
}

function membership(path: string, op: string, argument: unknown): FilterNode {
  if (!Array.isArray(argument)) throw bad(`${op} needs an array`);
  if (argument.some((value) => isOperators(value))) throw bad(`cannot nest $ under ${op}`);
  return leaf('$in', path, argument, oneOf(argument));
}

function presence(path: string, argument: unknown): FilterNode {
  const node = leaf('$exists', path, argument, exists);
  return isTruthy(argument) ? node : { kind: 'not', child: node };
}

function negation(path: string, argument: unknown, evaluate: Evaluate | undefined): FilterNode {
  if (kindOf(argument) === 'regex') {
    return { kind: 'not', child: leaf('$regex', path, argument, equalityOrRegex(argument)) };
  }
  if (!isDocument(argument)) throw bad('$not needs a regex or a document');
  const operators = fieldsOf(argument);
  if (Object.keys(operators).length === 0) throw bad('$not cannot be empty');
  return { kind: 'not', child: all(parseOperators(path, operators, evaluate)) };
}

function regexWithOptions(path: string, siblings: Doc): FilterNode {
  const { $regex: regex, $options: given } = siblings;
  const kind = kindOf(regex);
  if (kind !== 'string' && kind !== 'regex') throw bad('$regex has to be a string');
  if (given !== undefined && typeof given !== 'string') throw bad('$options has to be a string');
  const own = kind === 'regex' ? regexOf(regex) : { pattern: String(regex), options: '' };
  if (own.options !== '' && given !== undefined) throw new StoreError(51075, 'options set in both $regex and $options');
  const options = given ?? own.options;
  return leaf('$regex', path, { pattern: own.pattern, options }, regularExpression(own.pattern, options));
}

function elemMatch(path: string, argument: unknown, evaluate: Evaluate | undefined): FilterNode {
  if (!isDocument(argument)) throw bad('$elemMatch needs an Object');
  const first = Object.keys(fieldsOf(argument))[0] ?? '';
  if (isOperators(argument, true) && !isPathless(first)) {
    const operators: FilterNode = { kind: 'and', children: parseOperators('', fieldsOf(argument), evaluate) };
    return leaf('$elemMatch', path, argument, elementMeets(operators), 'array');
  }
  return leaf('$elemMatch', path, argument, elementMatches(parseFilter(argument, evaluate, true)), 'array');
}

function allOf(path: string, argument: unknown, evaluate: Evaluate | undefined): FilterNode {
  if (!Array.isArray(argument)) throw bad('$all needs an array');
  if (argument.length === 0) return { kind: 'never' };
  const matchers = argument.map((item) => (isDocument(item) ? Object.keys(fieldsOf(item))[0] === '$elemMatch' : false));
  if (matchers[0]) {
    if (!matchers.every(Boolean)) throw bad('$all/$elemMatch has to be consistent');
    return all(argument.map((item: { $elemMatch: unknown }) => elemMatch(path, item.$elemMatch, evaluate)));
  }
  return all(argument.map((item: unknown) => allMember(path, item)));
}

function allMember(path: string, item: unknown): FilterNode {
  if (isOperators(item)) throw bad('no $ expressions in $all');
  return leaf(kindOf(item) === 'regex' ? '$regex' : '$eq', path, item, equalityOrRegex(item));
}
