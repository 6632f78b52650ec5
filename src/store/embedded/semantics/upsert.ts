import { CODE, StoreError } from './errors';
import { parseFilter } from './filter-parse';
import type { FilterNode } from './filter-tree';
import { fieldOf, setField } from './path';
import type { Doc } from './types';
import { isDocument } from './values';

/**
 * The document that an upsert starts from: the fields that the filter says are equal to something (also inside of `$and`, in
 * an `$or` or `$in` of one). A path that is given twice, or together with one above it, is refused (54). A replacement takes
 * the `_id` alone.
 */
export function upsertSeed(filter: Doc, options: { replacement?: boolean } = {}): Doc {
  const equalities = new Map<string, unknown>();
  collect(
    parseFilter(filter, () => () => true),
    equalities,
    options.replacement ?? false,
  );
  const seed: Doc = {};
  if (equalities.has('_id')) setField(seed, '_id', equalities.get('_id'));
  for (const [path, value] of equalities) if (path !== '_id') place(seed, path.split('.'), value);
  return seed;
}

function collect(node: FilterNode, equalities: Map<string, unknown>, idOnly: boolean): void {
  if (node.kind === 'and' || (node.kind === 'or' && node.children.length === 1)) {
    for (const child of node.children) collect(child, equalities, idOnly);
  }
  if (node.kind !== 'leaf' || (idOnly && node.parts[0] !== '_id')) return;
  if (node.op === '$eq') add(equalities, node.path, node.argument);
  else if (node.op === '$in' && (node.argument as unknown[]).length === 1) {
    add(equalities, node.path, (node.argument as unknown[])[0]);
  }
}

function add(equalities: Map<string, unknown>, path: string, value: unknown): void {
  for (const other of equalities.keys()) {
    if (other === path) throw conflict(`path '${path}' is matched twice`);
    if (other.startsWith(`${path}.`) || path.startsWith(`${other}.`)) {
      throw conflict(`both paths '${path}' and '${other}' are matched`);
    }
  }
  equalities.set(path, value);
}

function conflict(what: string): StoreError {
  return new StoreError(CODE.NotSingleValueField, `cannot infer query fields to set, ${what}`);
}

function place(doc: Doc, parts: readonly string[], value: unknown): void {
  const [first = '', ...rest] = parts;
  if (rest.length === 0) {
    setField(doc, first, value);
    return;
  }
  const inner = fieldOf(doc, first);
  const next: Doc = isDocument(inner) ? inner : {};
  setField(doc, first, next);
  place(next, rest, value);
}
