import { type Doc, MISSING, StoreError } from '../semantics';

/** What an expression is evaluated on: the document, and the variables by their names without `$$`. */
export interface Scope {
  root: Doc;
  variables: ReadonlyMap<string, unknown>;
}

/** An expression, read once and evaluated on many documents; MISSING where there is no value. */
export type Expression = (scope: Scope) => unknown;

/** Reads expressions; knows which variables there are. */
export interface Compiler {
  compile(expression: unknown): Expression;
  /** The same with more variables. */
  knowing(...names: string[]): Compiler;
}

/** Reads the argument of one operator. */
export type Maker = (argument: unknown, compiler: Compiler) => Expression;
export type Makers = Readonly<Record<string, Maker>>;

export const isNullish = (value: unknown): boolean => value === MISSING || value === null || value === undefined;

/** A scope with more variables. */
export function extended({ root, variables }: Scope, names: Record<string, unknown>): Scope {
  return { root, variables: new Map([...variables, ...Object.entries(names)]) };
}

/** Arguments as a list: a single one may stand alone. */
export function listOf(argument: unknown): unknown[] {
  return Array.isArray(argument) ? argument : [argument];
}

/** An operator of a fixed number of arguments. @throws StoreError 16020 for another number */
export function fixed(name: string, count: number, run: (...values: unknown[]) => unknown): Maker {
  return (argument, compiler) => {
    const given = count === 1 && !Array.isArray(argument) ? [argument] : listOf(argument);
    if (given.length !== count) {
      throw new StoreError(
        16020,
        `Expression ${name} takes exactly ${count} arguments. ${given.length} were passed in.`,
      );
    }
    const parts = given.map((one) => compiler.compile(one));
    const [first, second] = parts;
    if (count === 1 && first) return (scope) => run(first(scope));
    if (count === 2 && first && second) return (scope) => run(first(scope), second(scope));
    return (scope) => run(...parts.map((part) => part(scope)));
  };
}

/** @throws StoreError 28667 for too few or too many arguments */
export function between(name: string, least: number, most: number, run: (...values: unknown[]) => unknown): Maker {
  return (argument, compiler) => {
    const parts = listOf(argument).map((one) => compiler.compile(one));
    if (parts.length < least || parts.length > most) {
      throw new StoreError(
        28667,
        `Expression ${name} takes at least ${least} arguments, and at most ${most}, but ${parts.length} were passed in.`,
      );
    }
    return (scope) => run(...parts.map((part) => part(scope)));
  };
}

/** An operator of any number of arguments, computed one after the other: what stands behind a null need not be anything. */
export function variadic(run: (values: Iterable<unknown>) => unknown): Maker {
  return (argument, compiler) => {
    const parts = listOf(argument).map((one) => compiler.compile(one));
    return (scope) => run(valuesOf(parts, scope));
  };
}

function* valuesOf(parts: readonly Expression[], scope: Scope): Generator<unknown> {
  for (const part of parts) yield part(scope);
}

/** Named arguments, each an expression. */
export type Named = Record<string, unknown>;

interface Names {
  required: readonly string[];
  optional?: readonly string[];
}

/**
 * An operator whose argument is a document of named arguments; those that are left out are `undefined`.
 * @throws StoreError 9 when the argument is none, when one is missing or unknown
 */
export function named(name: string, { required, optional = [] }: Names, run: (values: Named) => unknown): Maker {
  return (argument, compiler) => {
    const given = namedArguments(name, argument, required, optional);
    const parts = Object.entries(given).map(([key, one]) => [key, compiler.compile(one)] as const);
    return (scope) => run(Object.fromEntries(parts.map(([key, part]) => [key, part(scope)])));
  };
}

export function namedArguments(
  name: string,
  argument: unknown,
  required: readonly string[],
  optional: readonly string[] = [],
): Doc {
  if (typeof argument !== 'object' || argument === null || Array.isArray(argument) || '_bsontype' in argument) {
    throw new StoreError(9, `${name} only supports an object as its argument`);
  }
  const given = argument as Doc;
  for (const key of Object.keys(given)) {
    if (!required.includes(key) && !optional.includes(key))
      throw new StoreError(9, `Unrecognized argument to ${name}: ${key}`);
  }
  for (const key of required) {
    if (!Object.hasOwn(given, key)) throw new StoreError(9, `Missing '${key}' parameter to ${name}`);
  }
  return given;
}
