import type { Doc } from '../../../../src/store/embedded/semantics';

/** The commands that show a deviation. */
export const aggregate = (...pipeline: Doc[]): Doc => ({ aggregate: 'docs', pipeline, cursor: {} });
export const find = (more: Doc): Doc => ({ find: 'docs', ...more });
export const update = (q: Doc, u: unknown, more: Doc = {}): Doc => ({ update: 'docs', updates: [{ q, u, ...more }] });
export const changed = (change: Doc): Doc => ({ findAndModify: 'docs', query: { _id: 1 }, update: change, new: true });
export const value = (expression: unknown): Doc => aggregate({ $match: {} }, { $sort: { _id: 1 } }, { $project: { value: expression } }); // biome-ignore format: one line
export const group = (x: Doc, _id: unknown = null): Doc => aggregate({ $sort: { _id: 1 } }, { $group: { _id, x } });
export const EMPTY = [{ _id: 1 }];
