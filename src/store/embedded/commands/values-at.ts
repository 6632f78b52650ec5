import { type Doc, fieldOf, MISSING } from '../semantics';

/** Every value at a path as `distinct` sees it: through arrays, and of a last array its elements. */
export function valuesAt(value: unknown, parts: readonly string[]): unknown[] {
  const [part, ...rest] = parts;
  if (part === undefined) return Array.isArray(value) ? value : [value];
  if (Array.isArray(value)) {
    if (/^\d+$/.test(part)) return Number(part) < value.length ? valuesAt(value[Number(part)], rest) : [];
    return value.flatMap((element) => (isPlain(element) ? valuesAt(element, parts) : []));
  }
  return isPlain(value) ? valuesAt(fieldOf(value, part), rest) : [MISSING];
}

function isPlain(value: unknown): value is Doc {
  return (
    typeof value === 'object' &&
    value !== null &&
    !('_bsontype' in value) &&
    !(value instanceof Date) &&
    !Array.isArray(value)
  );
}
