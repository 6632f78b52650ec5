import { StoreError } from './errors';
import type { Filter } from './matcher';
import { fieldOf, setField } from './path';
import { type ProjectionNode, type ProjectionOptions, parseProjection, type Slice } from './projection-parse';
import { type Doc, MISSING } from './types';
import { fieldsOf, isDocument } from './values';

export type Level = Map<string, ProjectionNode>;

/**
 * Reads a projection of a find and returns the function that applies it. Fields keep the order of the document; computed
 * ones and those of `$elemMatch` follow. Wrong projections throw StoreError with MongoDB's code.
 */
export function compileProjection(spec: Doc, options: ProjectionOptions = {}): (doc: Doc) => Doc {
  if (Object.keys(spec).length === 0) return (doc) => doc;
  const { inclusion, root } = parseProjection(spec, options);
  const anyComputed = any(root, computes);
  const anyCut = any(root, cuts);
  return (doc) => {
    const taken = inclusion ? include(doc, root) : exclude(doc, root);
    const computed = anyComputed ? compute(taken, root, doc) : taken;
    return anyCut ? cut(computed, root, () => options.filter?.position(doc)) : computed;
  };
}

function any(level: Level, wanted: (node: ProjectionNode) => boolean): boolean {
  return [...level.values()].some(wanted);
}

function cuts(node: ProjectionNode): boolean {
  return node.kind === 'slice' || node.kind === 'positional' || (node.kind === 'path' && any(node.children, cuts));
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

/** Below a path only documents are taken; in arrays everything else is left out, unless fields are to be computed there. */
function includeValue(value: unknown, node: ProjectionNode): unknown {
  switch (node.kind) {
    case 'include':
    case 'slice':
    case 'positional':
      return value;
    case 'path':
      if (Array.isArray(value)) return includeElements(value, node);
      return isDocument(value) ? include(value, node.children) : MISSING;
    default:
      return MISSING;
  }
}

function includeElements(array: unknown[], node: ProjectionNode): unknown[] {
  const taken = array.map((item) => includeValue(item, node));
  return computes(node)
    ? taken.map((item) => (item === MISSING ? {} : item))
    : taken.filter((item) => item !== MISSING);
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

/**
 * Adds computed fields, in the order of the projection; one without a value takes away what stands there. `original` is the
 * whole document before the projection.
 */
export function compute(target: Doc, level: Level, original: Doc): Doc {
  const result = { ...target };
  for (const [name, node] of level) {
    if (!computes(node)) continue;
    const value = computeValue(fieldOf(result, name), name, node, original);
    if (value === MISSING || value === undefined) delete result[name];
    else setField(result, name, value);
  }
  return result;
}

function computes(node: ProjectionNode): boolean {
  return (
    node.kind === 'computed' || node.kind === 'elemMatch' || (node.kind === 'path' && any(node.children, computes))
  );
}

function computeValue(current: unknown, name: string, node: ProjectionNode, original: Doc): unknown {
  if (node.kind === 'computed') return node.evaluate(original);
  if (node.kind === 'elemMatch') return matchedElement(original, name, node.filter);
  return node.kind === 'path' ? computeBelow(current, node.children, original) : MISSING;
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

/** `$slice` and the positional `.$`, on what the projection has taken. Arrays inside of arrays are left alone. */
function cut(doc: Doc, level: Level, position: Position): Doc {
  const result = { ...fieldsOf(doc) };
  for (const [name, node] of level) {
    const value = fieldOf(result, name);
    if (value !== MISSING && cuts(node)) setField(result, name, cutValue(value, node, position));
  }
  return result;
}

type Position = () => number | undefined;

function cutValue(value: unknown, node: ProjectionNode, position: Position): unknown {
  if (Array.isArray(value)) {
    if (node.kind === 'slice') return sliced(value, node.slice);
    // The positional element is one of the first array on the path, wherever the path goes on to.
    if (isPositional(node)) return [positioned(value, position)];
    const children = node.kind === 'path' ? node.children : new Map();
    return value.map((item) => (isDocument(item) ? cut(item, children, position) : item));
  }
  return node.kind === 'path' && isDocument(value) ? cut(value, node.children, position) : value;
}

function isPositional(node: ProjectionNode): boolean {
  return node.kind === 'positional' || (node.kind === 'path' && any(node.children, isPositional));
}

function sliced(array: unknown[], { skip, limit }: Slice): unknown[] {
  if (skip === undefined) return limit >= 0 ? array.slice(0, limit) : array.slice(limit);
  const start = skip >= 0 ? skip : Math.max(array.length + skip, 0);
  return array.slice(start, start + limit);
}

function positioned(array: unknown[], find: Position): unknown {
  const position = find();
  const failure = 'Executor error during find command :: caused by :: positional operator ';
  if (position === undefined) {
    throw new StoreError(51246, `${failure}'.$' couldn't find a matching element in the array`);
  }
  if (position >= array.length) throw new StoreError(51247, `${failure}'.$' element mismatch`);
  return array[position];
}
