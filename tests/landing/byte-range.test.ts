import { isNamedBy, readRange } from '../../src/landing/byte-range';

test.each([
  [undefined, 'whole'],
  ['bytes=0-', { start: 0, end: 999 }],
  ['bytes=0-0', { start: 0, end: 0 }],
  ['bytes=500-', { start: 500, end: 999 }],
  ['bytes=500-5000', { start: 500, end: 999 }],
  ['bytes=-1', { start: 999, end: 999 }],
  ['bytes=-5000', { start: 0, end: 999 }],
  ['Bytes=1-2', { start: 1, end: 2 }],
  ['bytes=1000-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=2-1', 'whole'],
  ['bytes=-', 'whole'],
  ['bytes=a-b', 'whole'],
  ['pages=1-2', 'whole'],
  ['bytes=0-1,5-6', 'whole'],
  ['bytes=99999999999999999999999-', 'unsatisfiable'],
])('Range: %s of 1000 bytes', (header, expected) => {
  expect(readRange(header, 1000)).toEqual(expected);
});

test('If-None-Match compares weakly and knows lists and *', () => {
  expect(['"a"', 'W/"a"', '"b", "a"', '*'].map((header) => isNamedBy(header, '"a"'))).toEqual([true, true, true, true]);
  expect([undefined, '', '"b"', 'a'].map((header) => isNamedBy(header, '"a"'))).toEqual([false, false, false, false]);
});
