import { compileFilter, compileUpdate, type Doc } from '../../../src/store/embedded/semantics';
import { plainly } from './plainly';

export const NOW = new Date('2024-02-03T04:05:06.007Z');
/** Compiles and applies an update; with a filter, the positional operator is what matches it. */
export const apply = (
  update: Doc,
  doc: Doc,
  options: { arrayFilters?: Doc[]; filter?: Doc; isInsert?: boolean } = {},
) => {
  const { arrayFilters, filter, isInsert = false } = options;
  const compiled = compileUpdate(update, arrayFilters ? { arrayFilters } : {});
  const position = () => (filter ? compileFilter(filter).position(doc) : undefined);
  return compiled.apply(doc, { position, isInsert, now: NOW });
};

/** Update, document before, document after; `null` after means: nothing changes. The input is never touched. */
export type Row = [update: Doc, before: Doc, after: Doc | null];
export function table(rows: Row[]): void {
  test.each(rows)('%j on %j', (update, before, after) => {
    const original = plainly(before);
    const result = apply(update, before);
    expect(plainly(result.doc)).toEqual(plainly(after ?? before));
    expect(Object.keys(result.doc)).toEqual(Object.keys(after ?? before));
    expect(result.changed).toBe(after !== null);
    expect(plainly(before)).toEqual(original);
  });
}

/** Update, document, and the error that they give. */
export type Refusal = [update: Doc, doc: Doc, code: number, message: RegExp];
export function refusals(rows: Refusal[]): void {
  test.each(rows)('%j on %j', (update, doc, code, message) => {
    const run = () => apply(update, doc);
    expect(run).toThrow(message);
    expect(run).toThrow(expect.objectContaining({ code }));
  });
}
