import { parseFilter } from './filter-parse';
import { type FilterNode, type MatchDetails, matchesNode } from './filter-tree';
import type { Doc, Evaluate } from './types';

/** A query filter, read once and applied to many documents. */
export interface Filter {
  matches(doc: Doc): boolean;
  /**
   * For the positional `$` of an update or a projection: the position, in the outermost array on its path, of what matched.
   * With several arrays in the filter the last one decides; undefined if no array took part or nothing matches.
   */
  position(doc: Doc): number | undefined;
  /** The filter as read, for the planner. */
  readonly root: FilterNode;
}

/** Reads a filter. Wrong filters throw StoreError with MongoDB's code and words; `$expr` needs `expr` to evaluate it. */
export function compileFilter(filter: Doc, options: { expr?: Evaluate } = {}): Filter {
  const root = parseFilter(filter, options.expr);
  return {
    root,
    matches: (doc) => matchesNode(root, doc),
    position: (doc) => {
      const details: MatchDetails = {};
      return matchesNode(root, doc, details) ? details.position : undefined;
    },
  };
}
