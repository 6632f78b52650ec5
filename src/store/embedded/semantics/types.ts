/** A document as bson deserialises it with `promoteValues: false`; the order of its keys is part of its value. */
export type Doc = Record<string, unknown>;

/** Direction of one field of an index or a sort. */
export type Direction = 1 | -1;

/** Stands for "there is no such field", which is not the same as BSON's `undefined` or `null`. */
export const MISSING: unique symbol = Symbol('missing');

/** Reads an aggregation expression (`$expr`, computed projections), to be evaluated on documents. Supplied by the engine. */
export type Evaluate = (expression: unknown) => (doc: Doc) => unknown;
