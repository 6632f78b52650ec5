import type { Leaf } from './path';
import { walk } from './path';
import { isTruthy } from './truth';
import type { Doc } from './types';
import { fieldsOf, isDocument } from './values';

/** Where a match was found: the position in the outermost array passed, for the positional `$`. */
export interface MatchDetails {
  position?: number;
}

/** Judges one value (or MISSING); an operator on arrays notes the position of the element that matched. */
export type Test = (value: unknown, details?: MatchDetails) => boolean;

/** An operator on a path. `argument` is its argument as given, for the planner. */
export interface LeafNode {
  kind: 'leaf';
  op: string;
  path: string;
  parts: readonly string[];
  leaf: Leaf;
  argument: unknown;
  test: Test;
}

export type FilterNode =
  | LeafNode
  | { kind: 'and' | 'or' | 'nor'; children: readonly FilterNode[] }
  | { kind: 'not'; child: FilterNode }
  | { kind: 'expr'; evaluate: (doc: Doc) => unknown }
  | { kind: 'never' };

/** Does a document match? `details` receives the position, the last part of an AND that has one deciding. */
export function matchesNode(node: FilterNode, doc: Doc, details?: MatchDetails): boolean {
  switch (node.kind) {
    case 'leaf':
      return matchesLeaf(node, doc, details);
    case 'and':
      return node.children.every((child) => matchesNode(child, doc, details));
    case 'or':
      return node.children.some((child) => matchesNode(child, doc, details));
    case 'nor':
      return !node.children.some((child) => matchesNode(child, doc));
    case 'not':
      return !matchesNode(node.child, doc);
    case 'expr':
      return isTruthy(node.evaluate(doc));
    case 'never':
      return false;
  }
}

function matchesLeaf(node: LeafNode, doc: Doc, details: MatchDetails | undefined): boolean {
  return walk(doc, node.parts, node.leaf, (value, position) => {
    if (!node.test(value, details)) return false;
    if (details && position !== undefined) details.position = position;
    return true;
  });
}

/** Does a single value (an element of an array) meet operators that have no path of their own? */
export function meetsNode(node: FilterNode, value: unknown): boolean {
  switch (node.kind) {
    case 'leaf':
      return node.test(value);
    case 'and':
      return node.children.every((child) => meetsNode(child, value));
    case 'or':
      return node.children.some((child) => meetsNode(child, value));
    case 'nor':
      return !node.children.some((child) => meetsNode(child, value));
    case 'not':
      return !meetsNode(node.child, value);
    default:
      return false;
  }
}

/** An element of an array as a document: itself, or an inner array with its positions as names; else undefined. */
export function asDocument(value: unknown): Doc | undefined {
  if (isDocument(value)) return fieldsOf(value);
  return Array.isArray(value) ? { ...value } : undefined;
}
