import type { FilterNode, LeafNode } from './filter-tree';
import { compileFilter, type Filter } from './matcher';
import type { Doc } from './types';

/** What the planner may use of one condition on a path. Everything that is not listed as such is `other`. */
export type PredicateOp =
  | 'eq'
  | 'in'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'exists'
  | 'type'
  | 'regex'
  | 'elemMatch'
  | 'other';

export interface Predicate {
  op: PredicateOp;
  value: unknown;
}

/** The conditions of a filter that all must hold, by path. `complete` is false if there is more (`$or`, `$not`, …). */
export interface FilterShape {
  paths: Map<string, Predicate[]>;
  complete: boolean;
}

const OPS: Readonly<Record<string, PredicateOp>> = {
  $eq: 'eq',
  $in: 'in',
  $gt: 'gt',
  $gte: 'gte',
  $lt: 'lt',
  $lte: 'lte',
  $exists: 'exists',
  $type: 'type',
  $regex: 'regex',
  $elemMatch: 'elemMatch',
};

/**
 * The conditions of the top-level AND by path. They are necessary, so an index may serve any of them, but a document found
 * must be matched again: an array may meet two conditions with two different elements.
 */
export function filterShape(filter: Doc | Filter): FilterShape {
  const root = isFilter(filter) ? filter.root : compileFilter(filter, { expr: () => () => true }).root;
  const shape: FilterShape = { paths: new Map(), complete: true };
  collect(root, shape);
  return shape;
}

function isFilter(filter: Doc | Filter): filter is Filter {
  return typeof filter['matches'] === 'function';
}

function collect(node: FilterNode, shape: FilterShape): void {
  if (node.kind === 'and') for (const child of node.children) collect(child, shape);
  else if (node.kind === 'leaf') add(shape, node.path, predicateOf(node));
  else if (node.kind === 'not' && node.child.kind === 'leaf' && node.child.op === '$exists') {
    add(shape, node.child.path, { op: 'exists', value: false });
  } else shape.complete = false;
}

function predicateOf(node: LeafNode): Predicate {
  if (node.op === '$exists') return { op: 'exists', value: true };
  return { op: OPS[node.op] ?? 'other', value: node.argument };
}

function add(shape: FilterShape, path: string, predicate: Predicate): void {
  const list = shape.paths.get(path);
  if (list) list.push(predicate);
  else shape.paths.set(path, [predicate]);
}
