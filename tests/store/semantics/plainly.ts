import { EJSON } from 'bson';
import type { Doc } from '../../../src/store/embedded/semantics';
import { kindOf } from '../../../src/store/embedded/semantics/values';

/** A value with its BSON types spelled out and the order of fields kept, so that `toEqual` sees all that MongoDB sees. */
export function plainly(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainly);
  if (kindOf(value) === 'object') return Object.entries(value as Doc).map(([name, inner]) => [name, plainly(inner)]);
  return `${kindOf(value)} ${typeof value === 'number' ? value : EJSON.stringify({ value }, { relaxed: true })}`.replace(
    /\{"value":(-?[\d.]+)\}/,
    '$1',
  );
}
