import { type Doc, type Evaluate, MISSING, StoreError } from '../semantics';
import { fieldOf, setField } from '../semantics/path';
import { fieldsOf, isDocument } from '../semantics/values';
import { ARITHMETIC } from './arithmetic';
import { ARRAYS } from './arrays';
import { CONVERSIONS } from './convert';
import { DATES } from './dates';
import type { Compiler, Expression, Makers, Scope } from './expression';
import { ITERATIONS } from './iterations';
import { LOGIC } from './logic';
import { NUMBERS } from './numbers';
import { OBJECTS } from './objects';
import { SETS } from './sets';
import { STRINGS } from './strings';
import { TEXTS } from './texts';

const OPERATORS: Makers = {
  ...ARITHMETIC,
  ...ARRAYS,
  ...CONVERSIONS,
  ...DATES,
  ...ITERATIONS,
  ...LOGIC,
  ...NUMBERS,
  ...OBJECTS,
  ...SETS,
  ...STRINGS,
  ...TEXTS,
  $literal: (argument) => () => argument,
  $const: (argument) => () => argument,
};

const SYSTEM = ['ROOT', 'CURRENT', 'NOW', 'REMOVE'];

/** What an expression may call by `$$`: the variables of a `let`, and the time of the command. */
export interface Variables {
  values: ReadonlyMap<string, unknown>;
}

export const noVariables = (): Variables => ({ values: new Map([['NOW', new Date()]]) });

/** Reads an expression. @throws StoreError 168 for an operator that this store doesn't have, 17276 for an unknown variable */
export function compileExpression(expression: unknown, variables: Variables): (doc: Doc) => unknown {
  const compiled = compilerOf(new Set([...SYSTEM, ...variables.values.keys()])).compile(expression);
  return (root) => compiled({ root, variables: variables.values });
}

function compilerOf(names: ReadonlySet<string>): Compiler {
  const compiler: Compiler = {
    knowing: (...more) => compilerOf(new Set([...names, ...more])),
    compile(expression) {
      if (typeof expression === 'string' && expression.startsWith('$')) return reference(expression, names);
      if (Array.isArray(expression)) return list(expression, compiler);
      if (!isDocument(expression)) return () => expression;
      const fields = fieldsOf(expression);
      const [first, ...more] = Object.keys(fields);
      if (!first?.startsWith('$')) return literalDocument(fields, compiler);
      if (more.length > 0) {
        throw new StoreError(15983, 'An object representing an expression must have exactly one field');
      }
      return operator(first, fields[first], compiler);
    },
  };
  return compiler;
}

function operator(name: string, argument: unknown, compiler: Compiler): Expression {
  const make = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (!make) throw new StoreError(168, `Unrecognized expression '${name}'`);
  return make(argument, compiler);
}

/** In a list what is missing stands as null. */
function list(items: unknown[], compiler: Compiler): Expression {
  const parts = items.map((item) => compiler.compile(item));
  return (scope) =>
    parts.map((part) => {
      const value = part(scope);
      return value === MISSING ? null : value;
    });
}

function literalDocument(fields: Doc, compiler: Compiler): Expression {
  const parts = Object.entries(fields).map(([name, one]) => {
    if (name.includes('.')) throw new StoreError(16412, `FieldPath field names may not contain '.'.`);
    return [name, compiler.compile(one)] as const;
  });
  return (scope) => {
    const doc: Doc = {};
    for (const [name, part] of parts) {
      const value = part(scope);
      if (value !== MISSING) setField(doc, name, value);
    }
    return doc;
  };
}

/** `$path`, `$$variable` or `$$variable.path`. */
function reference(text: string, names: ReadonlySet<string>): Expression {
  if (!text.startsWith('$$')) return pathOf(text.slice(1), ({ root }) => root);
  const [name = '', ...path] = text.slice(2).split('.');
  if (!names.has(name)) throw new StoreError(17276, `Use of undefined variable: ${name}`);
  const start = variable(name);
  return path.length === 0 ? start : pathOf(path.join('.'), start);
}

function variable(name: string): Expression {
  if (name === 'ROOT' || name === 'CURRENT') return ({ root }) => root;
  if (name === 'REMOVE') return () => MISSING;
  return ({ variables }: Scope) => (variables.has(name) ? variables.get(name) : MISSING);
}

function pathOf(path: string, start: Expression): Expression {
  const parts = path.split('.');
  if (path === '') throw new StoreError(16872, "'$' by itself is not a valid FieldPath");
  if (parts.includes('')) throw new StoreError(15998, 'FieldPath field names may not be empty strings.');
  if (parts.some((part) => part.startsWith('$') && !/^\$(id|ref|db)$/.test(part))) {
    throw new StoreError(16410, "FieldPath field names may not start with '$'. Consider using $getField or $setField.");
  }
  return (scope) => below(start(scope), parts, 0);
}

/** A name below a document; below an array the values of its documents that have it, positions being no names. */
function below(value: unknown, parts: readonly string[], at: number): unknown {
  const part = parts[at];
  if (part === undefined) return value;
  if (Array.isArray(value)) {
    const documents = value.filter(isDocument);
    return documents.map((one) => below(fieldOf(one, part), parts, at + 1)).filter((one) => one !== MISSING);
  }
  return isDocument(value) ? below(fieldOf(value, part), parts, at + 1) : MISSING;
}

/** Variables beside others, as `let` gives them: each value is an expression, mostly without a document. */
export function withLet(given: Doc, { values }: Variables = noVariables(), document: Doc = {}): Variables {
  const more = Object.entries(given).map(([name, one]) => {
    if (!/^[a-z\u0080-\uffff][\w\u0080-\uffff]*$/.test(name)) {
      throw new StoreError(9, `'${name}' starts with an invalid character for a user variable name`);
    }
    return [name, compileExpression(one, { values })(document)] as const;
  });
  return { values: new Map([...values, ...more]) };
}

/** Reads expressions for filters and projections. */
export const evaluator =
  (variables: Variables): Evaluate =>
  (expression) =>
    compileExpression(expression, variables);
