import { Long } from 'bson';
import { compileExpression, evaluator, type Variables } from '../expressions';
import {
  compileProjection,
  compute,
  type Doc,
  fieldOf,
  fieldsOf,
  isDocument,
  type Level,
  MISSING,
  StoreError,
  setField,
  splitPath,
  valueAt,
} from '../semantics';
import { documentArgument, type StageMaker } from './stage';

/** The stages that change documents one by one. */
type Change = (document: Doc) => Doc;

const each =
  (make: (argument: unknown, variables: Variables) => Change): StageMaker =>
  (argument, { variables }) => {
    const change = make(argument, variables);
    return function* (documents) {
      for (const document of documents) yield change(document);
    };
  };

function project(argument: unknown, variables: Variables): Change {
  const spec = documentArgument(argument, 15969, '$project specification must be an object');
  if (Object.keys(spec).length === 0)
    throw new StoreError(
      51272,
      'Invalid $project :: caused by :: projection specification must have at least one field',
    );
  return compileProjection(spec, { expr: evaluator(variables), stage: true });
}

function addFields(argument: unknown, variables: Variables): Change {
  const spec = documentArgument(argument, 40272, '$addFields specification stage must be an object');
  if (Object.keys(spec).length === 0)
    throw new StoreError(40177, 'Invalid $addFields :: caused by :: specification must have at least one field');
  const root: Level = new Map();
  for (const [path, value] of Object.entries(spec)) place(root, pathOf(path), value, variables);
  return (document) => compute(document, root, document);
}

/** Every value is an expression; documents of plain names go on below. */
function place(level: Level, parts: readonly string[], value: unknown, variables: Variables): void {
  const [name = '', ...rest] = parts;
  const below = rest.length > 0 || isPlainDocument(value);
  const there = level.get(name);
  if (there && (there.kind !== 'path' || !below)) {
    throw new StoreError(40176, `Invalid $addFields :: caused by :: specification contains two conflicting paths. Cannot specify both at '${name}'`); // biome-ignore format: one line
  }
  if (!below) {
    level.set(name, { kind: 'computed', evaluate: compileExpression(value, variables) });
    return;
  }
  const children: Level = there?.kind === 'path' ? there.children : new Map();
  level.set(name, { kind: 'path', children });
  if (rest.length > 0) place(children, rest, value, variables);
  else for (const [path, one] of Object.entries(fieldsOf(value as Doc))) place(children, pathOf(path), one, variables);
}

function isPlainDocument(value: unknown): boolean {
  if (!isDocument(value)) return false;
  const [first] = Object.keys(fieldsOf(value));
  if (first === undefined) throw new StoreError(40180, 'Invalid $addFields :: caused by :: an empty object is not a valid value'); // biome-ignore format: one line
  return !first.startsWith('$');
}

function pathOf(path: string): string[] {
  const parts = splitPath(path);
  if (parts.includes('')) throw new StoreError(15998, 'FieldPath field names may not be empty strings.');
  if (parts.some((part) => part.startsWith('$')))
    throw new StoreError(16410, "FieldPath field names may not start with '$'. Consider using $getField or $setField.");
  return parts;
}

function unset(argument: unknown): Change {
  const paths = [argument].flat();
  if (paths.length === 0 || !paths.every((path) => typeof path === 'string' && path !== ''))
    throw new StoreError(31002, '$unset specification must be a string or an array');
  return compileProjection(Object.fromEntries(paths.map((path) => [path, false])), { stage: true });
}

const replaceRoot =
  (name: string) =>
  (argument: unknown, variables: Variables): Change => {
    const given = name === '$replaceWith' ? argument : documentArgument(argument, 40229, 'expected an object as specification for $replaceRoot stage')['newRoot']; // biome-ignore format: one line
    if (given === undefined) throw new StoreError(40231, 'no newRoot specified for the $replaceRoot stage');
    const root = compileExpression(given, variables);
    return (document) => {
      const next = root(document);
      if (isDocument(next)) return fieldsOf(next);
      throw new StoreError(40228, `'${name === '$replaceWith' ? 'replacement document' : 'newRoot'}' expression must evaluate to an object, but resulting value was: ${next === MISSING ? 'MISSING' : String(next)}`); // biome-ignore format: one line
    };
  };

/** The same document with one field set, also below others that are not there yet. */
export function withField(document: Doc, [name = '', ...rest]: readonly string[], value: unknown): Doc {
  const result: Doc = { ...fieldsOf(document) };
  const inner = fieldOf(document, name);
  if (rest.length > 0) setField(result, name, withField(isDocument(inner) ? inner : {}, rest, value));
  else if (value === MISSING) delete result[name];
  else setField(result, name, value);
  return result;
}

const unwind: StageMaker = (argument) => {
  const given: Doc = typeof argument === 'string' ? { path: argument } : documentArgument(argument, 15981, 'expected either a string or an object as specification for $unwind stage'); // biome-ignore format: one line
  const { path, includeArrayIndex: index, preserveNullAndEmptyArrays: keep, ...more } = given;
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw new StoreError(28811, `unrecognized option to $unwind stage: ${unknown}`);
  if (typeof path !== 'string') throw new StoreError(28808, 'expected a string as the path for $unwind stage');
  if (!path.startsWith('$')) throw new StoreError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`); // biome-ignore format: one line
  if (index !== undefined && (typeof index !== 'string' || index === '' || index.startsWith('$')))
    throw new StoreError(28822, 'includeArrayIndex option to $unwind stage should be a field name');
  const parts = pathOf(path.slice(1));
  const numbered = (document: Doc, i: Long | null): Doc =>
    typeof index === 'string' ? withField(document, splitPath(index), i) : document;
  return function* (documents) {
    for (const document of documents) {
      const value = valueAt(document, parts);
      if (Array.isArray(value) && value.length > 0) {
        for (const [i, one] of value.entries()) yield numbered(withField(document, parts, one), Long.fromNumber(i));
      } else if (value === MISSING || value === null || value === undefined || Array.isArray(value)) {
        if (keep === true) yield numbered(Array.isArray(value) ? withField(document, parts, MISSING) : document, null);
      } else yield numbered(document, null);
    }
  };
};

export const FIELD_STAGES: Readonly<Record<string, StageMaker>> = {
  $project: each(project),
  $addFields: each(addFields),
  $set: each(addFields),
  $unset: each(unset),
  $replaceRoot: each(replaceRoot('$replaceRoot')),
  $replaceWith: each(replaceRoot('$replaceWith')),
  $unwind: unwind,
};

/** What an update may be made of. */
export const UPDATE_STAGES = ['$project', '$addFields', '$set', '$unset', '$replaceRoot', '$replaceWith'];
