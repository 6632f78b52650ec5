import { StoreError } from './errors';
import type { Filter } from './matcher';
import { fieldOf, setField } from './path';
import { type ProjectionNode, type ProjectionOptions, parseProjection, type Slice } from './projection-parse';
import { type Doc, MISSING } from './types';
import { fieldsOf, isDocument } from './values';

type Level = Map<string, ProjectionNode>;

/**
 * Reads a projection of a find and returns the function that applies it. Fields keep the order of the document; computed
 * ones and those of `$elemMatch` follow. Wrong projections throw StoreError with MongoDB's code.
 */
export function compileProjection(spec: Doc, options: ProjectionOptions = {}): (doc: Doc) => Doc {
  if (Object.keys(spec).length === 0) return (doc) => doc;
  const { inclusion, root } = parseProjection(spec, options);
  const computes = holds(root, (node) => node.kind === 'computed' || node.kind === 'elemMatch');
  const cuts = holds(root, (node) => node.kind === 'slice' || node.kind === 'positional');
  return (doc) => {
    const taken = inclusion ? include(doc, root) : exclude(doc, root);
    const computed = computes ? compute(taken, root, doc) : taken;
    return cuts ? (cut(computed, root, { doc, filter: options.filter }) as Doc) : computed;
  };
}

function holds(level: Level, wanted: (node: ProjectionNode) => boolean): boolean {
  return [...level.values()].some((node) => wanted(node) || (node.kind === 'path' && holds(node.children, wanted)));
}

function include(doc: Doc, level: Level): Doc {
  const result: Doc = {};
  for (const [name, value] of Object.entries(fieldsOf(doc))) {
    const node = level.get(name);
    if (!node) continue;
    const taken = includeValue(value, node);
    if (taken !== MISSING) setField(result, name, taken);
  }
  return result;
}

/** Below a path only documents are taken; in arrays everything else is left out. */
function includeValue(value: unknown, node: ProjectionNode): unknown {
  switch (node.kind) {
    case 'include':
    case 'slice':
    case 'positional':
      return value;
    case 'path':
      if (Array.isArray(value)) return value.map((item) => includeValue(item, node)).filter((item) => item !== MISSING);
      return isDocument(value) ? include(value, node.children) : MISSING;
    default:
      return MISSING;
  }
}

function exclude(doc: Doc, level: Level): Doc {
  const result: Doc = {};
  for (const [name, value] of Object.entries(fieldsOf(doc))) {
    const node = level.get(name);
    if (node?.kind === 'exclude') continue;
    setField(result, name, node?.kind === 'path' ? excludeBelow(value, node.children) : value);
  }
  return result;
}

function excludeBelow(value: unknown, level: Level): unknown {
  if (Array.isArray(value)) return value.map((item) => excludeBelow(item, level));
  return isDocument(value) ? exclude(value, level) : value;
}

/** Adds computed fields, in the order of the projection. `original` is the whole document before the projection. */
function compute(target: Doc, level: Level, original: Doc): Doc {
  const result = { ...target };
  for (const [name, node] of level) {
    const value = computeValue(fieldOf(result, name), name, node, original);
    if (value === MISSING || value === undefined) continue;
    setField(result, name, value);
  }
  return result;
}

function computeValue(current: unknown, name: string, node: ProjectionNode, original: Doc): unknown {
  if (node.kind === 'computed') return node.evaluate(original);
  if (node.kind === 'elemMatch') return matchedElement(original, name, node.filter);
  if (node.kind !== 'path' || !holds(node.children, (inner) => inner.kind === 'computed')) return MISSING;
  return computeBelow(current, node.children, original);
}

/** Computed fields below a path are set in each document of an array; what is no document is replaced by one. */
function computeBelow(value: unknown, level: Level, original: Doc): unknown {
  if (Array.isArray(value)) return value.map((item) => computeBelow(item, level, original));
  return compute(isDocument(value) ? value : {}, level, original);
}

function matchedElement(doc: Doc, name: string, filter: Filter): unknown {
  const array = fieldOf(doc, name);
  const position = filter.position(doc);
  return Array.isArray(array) && position !== undefined ? [array[position]] : MISSING;
}

interface Cutting {
  doc: Doc;
  filter: Filter | undefined;
}

/** `$slice` and the positional `.$`, on what the projection has taken. */
function cut(value: unknown, level: Level, cutting: Cutting): unknown {
  if (Array.isArray(value)) return value.map((item) => cut(item, level, cutting));
  if (!isDocument(value)) return value;
  const result = { ...fieldsOf(value) };
  for (const [name, node] of level) {
    const inner = fieldOf(result, name);
    if (inner === MISSING) continue;
    if (node.kind === 'path') setField(result, name, cut(inner, node.children, cutting));
    if (node.kind === 'slice' && Array.isArray(inner)) setField(result, name, sliced(inner, node.slice));
    if (node.kind === 'positional' && Array.isArray(inner)) setField(result, name, [positioned(inner, cutting)]);
  }
  return result;
}

function sliced(array: unknown[], { skip, limit }: Slice): unknown[] {
  if (skip === undefined) return limit >= 0 ? array.slice(0, limit) : array.slice(limit);
  const start = skip >= 0 ? skip : Math.max(array.length + skip, 0);
  return array.slice(start, start + limit);
}

function positioned(array: unknown[], { doc, filter }: Cutting): unknown {
  const position = filter?.position(doc);
  if (position === undefined) {
    throw new StoreError(
      51246,
      "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
    );
  }
  if (position >= array.length) {
    throw new StoreError(
      51247,
      "Executor error during find command :: caused by :: positional operator '.$' element mismatch",
    );
  }
  return array[position];
}
