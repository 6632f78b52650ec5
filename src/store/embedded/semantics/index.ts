/** MongoDB's semantics as pure functions: order, keys, filters, updates, projections, sorts. The one door of this folder. */
export { compareValues } from './compare';
export { checkId, withIdFirst } from './document-id';
export { StoreError } from './errors';
export { implies } from './filter-implies';
export { type FilterShape, filterShape, type Predicate } from './filter-shape';
export { indexKeys } from './index-keys';
export { encodeFields, encodeKey, encodePrefix, encodeValue } from './keys';
export { compileFilter, type Filter } from './matcher';
export { fieldOf, setField, splitPath, valueAt } from './path';
export { compileProjection, compute, type Level } from './projection';
export { compileSort } from './sort';
export { type Direction, type Doc, type Evaluate, MISSING } from './types';
export { compileUpdate, type Update } from './updater';
export { upsertSeed } from './upsert';
export { fieldsOf, isDocument, kindOf } from './values';
export { toWhole } from './whole';
