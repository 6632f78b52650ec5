import { identicalValues } from './compare';
import { checkId, withIdFirst } from './document-id';
import { CODE, StoreError } from './errors';
import { fieldOf } from './path';
import { showField } from './print';
import { type Doc, MISSING } from './types';
import { parseArrayFilters } from './update-array-filters';
import { ARRAY_OPERATORS } from './update-arrays';
import { Draft } from './update-draft';
import { FIELD_OPERATORS } from './update-fields';
import { Claims, comparePaths, expandPath, type Placeholders, parseUpdatePath } from './update-path';
import { rename, renameTarget } from './update-rename';
import { checkReplacement, replace } from './update-replace';
import type { Moment, Operator, Site } from './update-types';
import { fieldsOf, isDocument, kindOf } from './values';

/** What an update is applied with. `position` is `Filter.position` of the same document, or a function that asks for it. */
export interface UpdateContext extends Moment {
  position?: number | undefined | (() => number | undefined);
}

export interface Update {
  readonly kind: 'operators' | 'replacement' | 'pipeline';
  /** Applies the update and never changes its input; `changed` is false if the result is the same document. */
  apply(doc: Doc, context: UpdateContext): { doc: Doc; changed: boolean };
}

export interface UpdateOptions {
  arrayFilters?: readonly Doc[];
  /** Runs the stages of an update that is a pipeline. */
  pipeline?: (stages: readonly Doc[], doc: Doc) => Doc;
}

/** Reads an update: operators, a replacement, or a pipeline. Wrong ones throw StoreError with MongoDB's code and words. */
export function compileUpdate(update: Doc | readonly Doc[], options: UpdateOptions = {}): Update {
  if (Array.isArray(update)) return pipelineUpdate(update, options);
  const fields = fieldsOf(update as Doc);
  if (!Object.keys(fields)[0]?.startsWith('$')) return replacementUpdate(fields, options);
  return operatorUpdate(fields, options.arrayFilters ?? []);
}

function replacementUpdate(replacement: Doc, options: UpdateOptions): Update {
  checkReplacement(replacement);
  if (options.arrayFilters && options.arrayFilters.length > 0) {
    throw new StoreError(CODE.FailedToParse, 'Cannot specify arrayFilters with a replacement-style update');
  }
  return { kind: 'replacement', apply: (doc, { now }) => replace(doc, replacement, now) };
}

function pipelineUpdate(stages: readonly Doc[], options: UpdateOptions): Update {
  const { pipeline, arrayFilters } = options;
  if (arrayFilters)
    throw new StoreError(CODE.FailedToParse, 'arrayFilters may not be specified for pipeline-syle updates');
  if (!pipeline) throw new StoreError(CODE.FailedToParse, 'updates by pipeline are not supported here');
  return {
    kind: 'pipeline',
    apply: (doc, { now }) => replace(doc, withIdFirst(pipeline(stages, doc)), now),
  };
}

/** One operator on one path of the update. */
interface Action {
  path: string;
  parts: readonly string[];
  run(draft: Draft, parts: readonly string[], site: Site): void;
}

function operatorUpdate(update: Doc, arrayFilters: readonly Doc[]): Update {
  const claims = new Claims();
  const actions = Object.entries(update).flatMap(([op, fields]) => parseModifier(op, fields, claims));
  const filters = parseArrayFilters(
    arrayFilters,
    actions.map((action) => action.parts),
    update,
  );
  return {
    kind: 'operators',
    apply: (doc, context) => {
      const position = () => (typeof context.position === 'function' ? context.position() : context.position);
      return applyActions(doc, actions, context, { position, filters });
    },
  };
}

function parseModifier(op: string, fields: unknown, claims: Claims): Action[] {
  const make = FIELD_OPERATORS[op] ?? ARRAY_OPERATORS[op];
  if (!make && op !== '$rename') {
    throw new StoreError(
      CODE.FailedToParse,
      `Unknown modifier: ${op}. Expected a valid update modifier or pipeline-style update specified as an array`,
    );
  }
  if (!isDocument(fields)) {
    throw new StoreError(
      CODE.FailedToParse,
      `Modifiers operate on fields but we found type ${kindOf(fields)} instead. For example: {$mod: {<field>: ...}} not {${showField(op, fields)}}`,
    );
  }
  return Object.entries(fieldsOf(fields)).map(([path, argument]) =>
    make ? fieldAction(path, make(argument, path), claims) : renameAction(path, argument, claims),
  );
}

function fieldAction(path: string, operator: Operator, claims: Claims): Action {
  const parts = parseUpdatePath(path);
  claims.add(parts);
  return { path, parts, run: (draft, concrete, site) => draft.apply(concrete, operator, site) };
}

function renameAction(path: string, argument: unknown, claims: Claims): Action {
  const target = renameTarget(path, argument);
  const from = parseUpdatePath(path);
  const to = parseUpdatePath(target);
  claims.add(from);
  claims.add(to);
  return { path: target, parts: to, run: (draft, _concrete, site) => rename(draft, from, to, site) };
}

function applyActions(
  doc: Doc,
  actions: readonly Action[],
  moment: Moment,
  placeholders: Placeholders,
): { doc: Doc; changed: boolean } {
  const draft = new Draft(doc);
  const idText = () => ('_id' in doc ? showField('_id', doc['_id']) : 'no id');
  for (const { action, parts } of concreteActions(doc, actions, placeholders)) {
    const path = parts.join('.');
    action.run(draft, parts, { ...moment, path, idText });
    keepId(doc, draft.doc, path);
  }
  if (moment.isInsert && '_id' in draft.doc) checkId(draft.doc['_id']);
  return { doc: withIdFirst(draft.doc), changed: draft.changed };
}

/** The actions with all placeholders filled in, in the order of their paths. */
function concreteActions(
  doc: Doc,
  actions: readonly Action[],
  placeholders: Placeholders,
): { action: Action; parts: readonly string[] }[] {
  const claims = new Claims();
  const concrete = actions.flatMap((action) =>
    expandPath(doc, action.parts, placeholders).map((parts) => ({ action, parts })),
  );
  for (const { parts } of concrete) claims.add(parts);
  return concrete.sort((a, b) => comparePaths(a.parts, b.parts));
}

/** An `_id` that is there may be set to what it is already, and to nothing else. */
function keepId(before: Doc, after: Doc, path: string): void {
  if (before === after) return;
  const id = fieldOf(before, '_id');
  const now = fieldOf(after, '_id');
  if (id === MISSING) {
    if (now !== MISSING) checkId(now);
    return;
  }
  if (now === id || (now !== MISSING && identicalValues(id, now))) return;
  throw new StoreError(
    CODE.ImmutableField,
    `Performing an update on the path '${path}' would modify the immutable field '_id'`,
  );
}
