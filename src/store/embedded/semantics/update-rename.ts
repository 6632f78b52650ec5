import { equalValues } from './compare';
import { CODE, StoreError } from './errors';
import { showField } from './print';
import type { Doc } from './types';
import { checkViable, type Draft, find } from './update-draft';
import { isElements } from './update-path';
import { KEEP, REMOVE, type Site } from './update-types';

const bad = (message: string) => new StoreError(CODE.BadValue, message);

/** Checks `$rename` of one field and returns the new path. */
export function renameTarget(from: string, to: unknown): string {
  if (typeof to !== 'string') throw bad(`The 'to' field for $rename must be a string: ${showField(from, to)}`);
  if (from === to) {
    throw bad(`The source and target field for $rename must differ: ${showField(from, to)}`);
  }
  if (from.startsWith(`${to}.`) || to.startsWith(`${from}.`)) {
    throw bad(`The source and target field for $rename must not be on the same path: ${showField(from, to)}`);
  }
  if (isDynamic(from)) throw bad(`The source field for $rename may not be dynamic: ${from}`);
  if (isDynamic(to)) throw bad(`The destination field for $rename may not be dynamic: ${to}`);
  return to;
}

function isDynamic(path: string): boolean {
  return path.split('.').some((part) => part === '$' || isElements(part));
}

/** Moves a field; nothing happens if it is not there. Neither end may lie in an array. */
export function rename(draft: Draft, from: readonly string[], to: readonly string[], site: Site): void {
  const source = find(draft.doc, from);
  if (source.depth < from.length) {
    checkViable(source.value, from, source.depth, false);
    return;
  }
  refuseArrays(draft.doc, from, 'source', site);
  refuseArrays(draft.doc, to, 'destination', site);
  const existing = (value: unknown) => (equalValues(value, source.value) ? KEEP : source.value);
  draft.apply(to, { existing, missing: () => source.value }, site);
  draft.put(from, REMOVE);
}

function refuseArrays(doc: Doc, parts: readonly string[], end: 'source' | 'destination', site: Site): void {
  for (let depth = 1; depth < parts.length; depth++) {
    const found = find(doc, parts.slice(0, depth));
    if (found.depth === depth && Array.isArray(found.value)) {
      throw bad(
        `The ${end} field cannot be an array element, '${parts.join('.')}' in doc with ${site.idText()} has an array field called '${parts[depth - 1]}'`,
      );
    }
  }
}
