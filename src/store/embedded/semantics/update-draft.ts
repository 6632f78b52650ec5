import { identicalValues } from './compare';
import { CODE, StoreError } from './errors';
import { fieldOf, isPosition, setField } from './path';
import { show } from './print';
import { type Doc, MISSING } from './types';
import { IGNORE, KEEP, type Operator, REMOVE, type Site, Written } from './update-types';
import { fieldsOf, isDocument } from './values';

/** Filling an array up to a position makes this many nulls at most. */
const MAX_PADDING = 1_500_000;
const CANNOT_BACKFILL_ARRAY = 155;

/** A document being changed: parts of the original are copied when they are first written to, the original stays. */
export class Draft {
  private readonly owned = new Set<object>();
  doc: Doc;
  changed = false;

  constructor(original: Doc) {
    this.doc = original;
  }

  /** Applies an operator at a path without placeholders. */
  apply(parts: readonly string[], operator: Operator, site: Site): void {
    const found = find(this.doc, parts);
    if (found.depth === parts.length) {
      this.write(parts, found.value, operator.existing(found.value, site));
      return;
    }
    const value = operator.missing(site);
    if (value === IGNORE) return;
    checkViable(found.value, parts, found.depth, value !== KEEP);
    if (value !== KEEP) this.put(parts, value instanceof Written ? value.value : value);
  }

  /** Sets or removes a field whatever was there; the way to it must be viable. */
  put(parts: readonly string[], value: unknown): void {
    let container: Doc | unknown[] = this.own(this.doc);
    this.doc = container as Doc;
    parts.slice(0, -1).forEach((part) => {
      const inner = childOf(container, part);
      const copy = isContainer(inner) ? this.own(inner) : this.own({});
      setChild(container, part, copy);
      container = copy;
    });
    const last = parts[parts.length - 1] ?? '';
    if (value === REMOVE) removeChild(container, last);
    else setChild(container, last, value);
    this.changed = true;
  }

  private write(parts: readonly string[], old: unknown, value: unknown): void {
    if (value === KEEP || value === IGNORE) return;
    if (value === REMOVE) this.put(parts, REMOVE);
    else if (value instanceof Written) this.put(parts, value.value);
    else if (!identicalValues(old, value)) this.put(parts, value);
  }

  private own<T extends Doc | unknown[]>(container: T): T {
    if (this.owned.has(container)) return container;
    const copy = (Array.isArray(container) ? [...container] : { ...fieldsOf(container) }) as T;
    this.owned.add(copy);
    return copy;
  }
}

/** How far a path leads: the value there and how many parts it took. */
export function find(doc: Doc, parts: readonly string[]): { value: unknown; depth: number } {
  let value: unknown = doc;
  for (const [depth, part] of parts.entries()) {
    const inner = isContainer(value) ? childOf(value, part) : MISSING;
    if (inner === MISSING) return { value, depth };
    value = inner;
  }
  return { value, depth: parts.length };
}

function isContainer(value: unknown): value is Doc | unknown[] {
  return Array.isArray(value) || isDocument(value);
}

function childOf(container: Doc | unknown[], part: string): unknown {
  if (!Array.isArray(container)) return fieldOf(container, part);
  return isPosition(part) && Number(part) < container.length ? container[Number(part)] : MISSING;
}

function setChild(container: Doc | unknown[], part: string, value: unknown): void {
  if (!Array.isArray(container)) {
    setField(container, part, value);
    return;
  }
  while (container.length < Number(part)) container.push(null);
  container[Number(part)] = value;
}

function removeChild(container: Doc | unknown[], part: string): void {
  if (Array.isArray(container)) container[Number(part)] = null;
  else delete container[part];
}

/** May the rest of a path be made below `value`? Only in a document, or at a position of an array. */
export function checkViable(value: unknown, parts: readonly string[], depth: number, making: boolean): void {
  const part = parts[depth] ?? '';
  if (isDocument(value)) return;
  if (!Array.isArray(value) || !isPosition(part)) {
    const element = `{${parts[depth - 1] ?? ''}: ${show(value)}}`;
    throw new StoreError(
      CODE.PathNotViable,
      making
        ? `Cannot create field '${part}' in element ${element}`
        : `Cannot use the part (${part}) of (${parts.join('.')}) to traverse the element (${element})`,
    );
  }
  if (making && Number(part) - value.length > MAX_PADDING) {
    throw new StoreError(CANNOT_BACKFILL_ARRAY, `can't backfill more than ${MAX_PADDING} elements`);
  }
}
