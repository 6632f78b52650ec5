/**
 * What the embedded server refuses, by its own words: such a test has not passed, and must fail in this way and no other, so
 * that nothing is ever answered wrongly.
 */
export const REFUSED: readonly { reason: string; words: RegExp }[] = [
  { reason: 'collations', words: /no collation/ },
  { reason: 'time series', words: /no collections with timeseries/ },
  { reason: 'clustered collections', words: /no collections with clusteredIndex/ },
  { reason: 'views', words: /no collections with viewOn/ },
  { reason: 'validators and changed collections', words: /no such command: 'collMod'/ },
  { reason: '`$expr`', words: /\$expr is not allowed/ },
  { reason: 'updates by pipeline', words: /updates by pipeline/ },
  { reason: '`let`', words: /no variables of let|\.let' is an unknown field/ },
  { reason: 'stages', words: /Unrecognized pipeline stage name/ },
  { reason: 'aggregations of a database', words: /collection name has invalid type/ },
];

export const refusalOf = (error: unknown): string | null =>
  REFUSED.find(({ words }) => error instanceof Error && words.test(error.message))?.reason ?? null;
