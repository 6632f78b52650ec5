/**
 * What the embedded server refuses, by its own words: such a test has not passed, and must fail in this way and no other, so
 * that nothing is ever answered wrongly.
 */
export const REFUSED: readonly { reason: string; words: RegExp }[] = [
  { reason: 'collations', words: /no collation/ },
  { reason: 'time series', words: /no collections with timeseries/ },
];

export const refusalOf = (error: unknown): string | null =>
  REFUSED.find(({ words }) => error instanceof Error && words.test(error.message))?.reason ?? null;
