/** MongoDB's semantics as pure functions: order, keys, filters, updates, projections, sorts. The one door of this folder. */
export { canonicalType, compareValues, equalValues, identicalValues } from './compare';
export { CODE, StoreError } from './errors';
export { type FilterShape, filterShape, type Predicate, type PredicateOp } from './filter-shape';
export { type IndexKeys, indexKeys } from './index-keys';
export { encodeKey, encodePrefix, encodeValue, isTruncated, MAX_KEY } from './keys';
export { compileFilter, type Filter } from './matcher';
export { fieldOf, setField, splitPath, valueAt } from './path';
export { show } from './print';
export { compareSortKeys, compileSort, parseSort, type SortSpec, sortKey } from './sort';
export { isTruthy } from './truth';
export { type Direction, type Doc, type Evaluate, MISSING } from './types';
export { withIdFirst } from './update-replace';
export { compileUpdate, type Update, type UpdateContext, type UpdateOptions } from './updater';
export { upsertSeed } from './upsert';
export { type Kind, kindOf } from './values';
export { toWhole, type Whole } from './whole';
