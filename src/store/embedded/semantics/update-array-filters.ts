import { CODE, StoreError } from './errors';
import { parseFilter } from './filter-parse';
import { type FilterNode, matchesNode } from './filter-tree';
import { show } from './print';
import type { Doc } from './types';
import { type ElementFilter, identifierOf, isElements } from './update-path';
import { isDocument } from './values';

const failed = (message: string) => new StoreError(CODE.FailedToParse, message);

/** Reads `arrayFilters`: each has conditions on one identifier, which some path of the update must use, and none twice. */
export function parseArrayFilters(
  arrayFilters: readonly unknown[],
  paths: readonly (readonly string[])[],
  update: Doc,
): Map<string, ElementFilter> {
  const filters = new Map<string, ElementFilter>();
  for (const filter of arrayFilters) {
    if (!isDocument(filter)) {
      throw new StoreError(CODE.TypeMismatch, 'BSON field update.updates.arrayFilters must hold objects');
    }
    const node = parseFilter(filter, undefined);
    const identifier = soleIdentifier(node);
    if (filters.has(identifier)) {
      throw failed(`Found multiple array filters with the same top-level field name ${identifier}`);
    }
    filters.set(identifier, (element) => matchesNode(node, { [identifier]: element }));
  }
  checkUse(filters, paths, update);
  return filters;
}

function soleIdentifier(node: FilterNode): string {
  const [identifier, other] = new Set(rootsOf(node));
  if (identifier === undefined) {
    throw failed('Cannot use an expression without a top-level field name in arrayFilters');
  }
  if (other !== undefined) {
    throw failed(
      `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${identifier}' and '${other}'`,
    );
  }
  if (!/^[a-z][a-zA-Z0-9]*$/.test(identifier)) {
    throw new StoreError(
      CODE.BadValue,
      `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${identifier}'`,
    );
  }
  return identifier;
}

function rootsOf(node: FilterNode): string[] {
  switch (node.kind) {
    case 'leaf':
      return [node.parts[0] ?? ''];
    case 'not':
      return rootsOf(node.child);
    case 'and':
    case 'or':
    case 'nor':
      return node.children.flatMap(rootsOf);
    default:
      return [];
  }
}

function checkUse(filters: Map<string, ElementFilter>, paths: readonly (readonly string[])[], update: Doc): void {
  const used = new Set<string>();
  for (const parts of paths) {
    for (const part of parts.filter((each) => isElements(each) && each !== '$[]')) {
      const identifier = identifierOf(part);
      if (!filters.has(identifier)) {
        throw new StoreError(
          CODE.BadValue,
          `No array filter found for identifier '${identifier}' in path '${parts.join('.')}'`,
        );
      }
      used.add(identifier);
    }
  }
  for (const identifier of filters.keys()) {
    if (!used.has(identifier)) {
      throw failed(`The array filter for identifier '${identifier}' was not used in the update ${show(update)}`);
    }
  }
}
