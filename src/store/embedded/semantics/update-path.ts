import { compareText } from './compare';
import { CODE, StoreError } from './errors';
import { show } from './print';
import type { Doc } from './types';
import { find } from './update-draft';

const bad = (message: string) => new StoreError(CODE.BadValue, message);

/** Keeps or drops an element of an array for a placeholder `$[identifier]`. */
export type ElementFilter = (element: unknown) => boolean;

/** Checks an update path and splits it. `$`, `$[]` and `$[identifier]` may stand behind the first part. */
export function parseUpdatePath(path: string): string[] {
  if (path === '') throw new StoreError(CODE.EmptyFieldName, 'An empty update path is not valid.');
  const parts = path.split('.');
  if (parts.includes('')) {
    throw new StoreError(
      CODE.EmptyFieldName,
      `The update path '${path}' contains an empty field name, which is not allowed.`,
    );
  }
  checkPlaceholders(path, parts);
  if (path.startsWith('$')) {
    throw new StoreError(
      CODE.DollarPrefixedFieldName,
      `The dollar ($) prefixed field '${parts[0]}' in '${path}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
    );
  }
  return parts;
}

function checkPlaceholders(path: string, parts: readonly string[]): void {
  if (parts[0] === '$') throw bad(`Cannot have positional (i.e. '$') element in the first position in path '${path}'`);
  if (isElements(parts[0] ?? '')) {
    throw bad(`Cannot have array filter identifier (i.e. '$[<id>]') element in the first position in path '${path}'`);
  }
  if (parts.filter((part) => part === '$').length > 1) {
    throw bad(`Too many positional (i.e. '$') elements found in path '${path}'`);
  }
}

export function isElements(part: string): boolean {
  return part.startsWith('$[') && part.endsWith(']');
}

function isPlaceholder(part: string): boolean {
  return part === '$' || isElements(part);
}

export function identifierOf(part: string): string {
  return part.slice(2, -1);
}

/** The paths of an update that claim a field each. A path that another one needs or lies below is a conflict (40). */
export class Claims {
  private readonly root: Claim = { children: new Map(), taken: false };

  add(parts: readonly string[], path = parts.join('.')): void {
    let claim = this.root;
    parts.forEach((part, depth) => {
      const at = parts.slice(0, depth);
      if (claim.taken || (claim.children.size > 0 && mixesElements(claim, part))) throw conflict(path, at);
      const next = claim.children.get(part) ?? { children: new Map(), taken: false };
      claim.children.set(part, next);
      claim = next;
    });
    if (claim.taken || claim.children.size > 0) throw conflict(path, parts);
    claim.taken = true;
  }
}

interface Claim {
  children: Map<string, Claim>;
  taken: boolean;
}

/** Below one array either all paths use `$[…]` or none does. */
function mixesElements(claim: Claim, part: string): boolean {
  const [first = ''] = claim.children.keys();
  return isElements(first) !== isElements(part);
}

function conflict(path: string, at: readonly string[]): StoreError {
  return new StoreError(
    CODE.ConflictingUpdateOperators,
    `Updating the path '${path}' would create a conflict at '${at.join('.')}'`,
  );
}

/** What fills the placeholders of a path. */
export interface Placeholders {
  position: () => number | undefined;
  filters: ReadonlyMap<string, ElementFilter>;
}

/** All paths that a path with placeholders stands for in a document. */
export function expandPath(doc: Doc, parts: readonly string[], placeholders: Placeholders): string[][] {
  const at = parts.findIndex(isPlaceholder);
  if (at === -1) return [[...parts]];
  const head = parts.slice(0, at);
  const rest = parts.slice(at + 1);
  return positions(doc, head, parts[at] ?? '', placeholders).flatMap((position) =>
    expandPath(doc, [...head, String(position), ...rest], placeholders),
  );
}

function positions(doc: Doc, head: readonly string[], part: string, placeholders: Placeholders): number[] {
  if (part === '$') {
    const position = placeholders.position();
    if (position !== undefined) return [position];
    throw bad('The positional operator did not find the match needed from the query.');
  }
  const found = find(doc, head);
  if (found.depth < head.length) {
    throw bad(`The path '${head.join('.')}' must exist in the document in order to apply array updates.`);
  }
  if (!Array.isArray(found.value)) {
    throw bad(`Cannot apply array updates to non-array element ${head.at(-1)}: ${show(found.value)}`);
  }
  const identifier = identifierOf(part);
  const accepts = identifier === '' ? () => true : (placeholders.filters.get(identifier) ?? (() => false));
  return found.value.flatMap((element, i) => (accepts(element) ? [i] : []));
}

/**
 * The order in which fields are updated and new ones appended: part by part, by bytes. (MongoDB sorts numbers among them by
 * value; in JavaScript's objects they stand first and in that order anyway.)
 */
export function comparePaths(a: readonly string[], b: readonly string[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareText(a[i] ?? '', b[i] ?? '');
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
