import { type Doc, MISSING } from './types';
import { fieldsOf, isDocument } from './values';

/** What happens with an array that stands at the very end of a path. */
export type Leaf = 'elements-and-array' | 'array';

/** Called with each value (or MISSING) and the position in the outermost array passed; returning true ends the walk. */
export type Visit = (value: unknown, position: number | undefined) => boolean;

export function splitPath(path: string): string[] {
  return path.split('.');
}

/** A field's value or MISSING. Only own fields count, so that `constructor` is not found on every document. */
export function fieldOf(doc: Doc, name: string): unknown {
  const fields = fieldsOf(doc);
  return Object.hasOwn(fields, name) ? fields[name] : MISSING;
}

/** Sets a field even if it is called `__proto__`. */
export function setField(doc: Doc, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(doc, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    doc[name] = value;
  }
}

/** True for a path part that can be a position in an array: digits without leading zero. */
export function isPosition(part: string): boolean {
  return /^(0|[1-9][0-9]*)$/.test(part);
}

/**
 * Visits every value that a query path reaches: through each document of an array on the way, and through the element at a
 * numeric part. Elements that are no documents yield nothing; a missing field of a document yields MISSING.
 */
export function walk(doc: Doc, parts: readonly string[], leaf: Leaf, visit: Visit): boolean {
  return walkDocument(doc, parts, 0, leaf, undefined, visit);
}

function walkDocument(
  doc: Doc,
  parts: readonly string[],
  from: number,
  leaf: Leaf,
  position: number | undefined,
  visit: Visit,
): boolean {
  let current: unknown = doc;
  for (let i = from; i < parts.length; i++) {
    if (!isDocument(current)) return visit(MISSING, position);
    current = fieldOf(current, parts[i] ?? '');
    if (Array.isArray(current)) return walkArray(current, parts, i + 1, leaf, position, visit);
  }
  return visit(current, position);
}

function walkArray(
  array: unknown[],
  parts: readonly string[],
  from: number,
  leaf: Leaf,
  position: number | undefined,
  visit: Visit,
): boolean {
  const part = parts[from];
  if (part === undefined) return walkLeaf(array, leaf, position, visit);
  for (let i = 0; i < array.length; i++) {
    const item = array[i];
    if (isDocument(item) && walkDocument(item, parts, from, leaf, position ?? i, visit)) return true;
    if (part === String(i) && walkPosition(item, parts, from + 1, leaf, position, visit)) return true;
  }
  return false;
}

/** A numeric part picks one element; an array there is not opened further at the end of the path. */
function walkPosition(
  item: unknown,
  parts: readonly string[],
  from: number,
  leaf: Leaf,
  position: number | undefined,
  visit: Visit,
): boolean {
  if (from === parts.length) return visit(item, position);
  if (Array.isArray(item)) return walkArray(item, parts, from, leaf, position, visit);
  return isDocument(item) && walkDocument(item, parts, from, leaf, position, visit);
}

function walkLeaf(array: unknown[], leaf: Leaf, position: number | undefined, visit: Visit): boolean {
  if (leaf === 'array') return visit(array, position);
  for (let i = 0; i < array.length; i++) {
    if (visit(array[i], position ?? i)) return true;
  }
  return visit(array, position);
}

/** The value at a path, without entering arrays save by position; MISSING if there is none. */
export function valueAt(doc: Doc, parts: readonly string[]): unknown {
  let current: unknown = doc;
  for (const part of parts) {
    if (isDocument(current)) current = fieldOf(current, part);
    else if (Array.isArray(current) && isPosition(part) && Number(part) < current.length)
      current = current[Number(part)];
    else return MISSING;
  }
  return current;
}
