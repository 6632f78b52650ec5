import { Int32 } from 'bson';
import { StoreError } from '../semantics';
import { compileRegex } from '../semantics/regex';
import { kindOf, regexOf } from '../semantics/values';
import { typeName } from './arithmetic';
import { isNullish, type Makers, type Named, named } from './expression';

/** What `$trim` takes away without `chars`: MongoDB's list of white space. */
const SPACES = '\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a';

const trim = (name: string, ends: { left?: boolean; right?: boolean }) =>
  named(name, { required: ['input'], optional: ['chars'] }, ({ input, chars }) => {
    if (isNullish(input) || chars === null || (chars !== undefined && isNullish(chars))) return null;
    if (typeof input !== 'string')
      throw new StoreError(50699, `${name} requires its input to be a string, got ${typeName(input)} instead.`);
    if (chars !== undefined && typeof chars !== 'string')
      throw new StoreError(50700, `${name} requires 'chars' to be a string, got ${typeName(chars)} instead.`);
    const taken = new Set(chars ?? SPACES);
    const points = [...input];
    let [from, to] = [0, points.length];
    while (ends.left && from < to && taken.has(points[from] ?? '')) from += 1;
    while (ends.right && to > from && taken.has(points[to - 1] ?? '')) to -= 1;
    return points.slice(from, to).join('');
  });

const replace = (name: string, every: boolean) =>
  named(name, { required: ['input', 'find', 'replacement'] }, ({ input, find, replacement }) => {
    const codes = { input: 51746, find: 51745, replacement: 51744 };
    for (const [key, value] of Object.entries({ input, find, replacement })) {
      if (!isNullish(value) && typeof value !== 'string')
        throw new StoreError(
          codes[key as keyof typeof codes],
          `${name} requires that '${key}' be a string, found: ${String(value)}`,
        );
    }
    if (isNullish(input) || isNullish(find) || isNullish(replacement)) return null;
    const by = () => String(replacement);
    // Of the empty string JS would find one in the middle of a surrogate pair.
    if (every && find === '') return [...String(input)].reduce((text, point) => text + point + by(), by());
    return every ? String(input).replaceAll(String(find), by) : String(input).replace(String(find), by);
  });

interface Found {
  match: string;
  /** In code points. */
  idx: Int32;
  captures: (string | null)[];
}

function* matches(name: string, { input, regex, options }: Named): Generator<Found> {
  if (isNullish(input) || isNullish(regex)) return;
  if (typeof input !== 'string') throw new StoreError(51104, `${name} needs 'input' to be of type string`);
  const isRegex = kindOf(regex) === 'regex';
  if (!isRegex && typeof regex !== 'string')
    throw new StoreError(51105, `${name} needs 'regex' to be of type string or regex`);
  if (!isNullish(options) && typeof options !== 'string')
    throw new StoreError(51106, `${name} needs 'options' to be of type string`);
  const own = isRegex ? regexOf(regex) : { pattern: String(regex), options: '' };
  if (own.options !== '' && !isNullish(options))
    throw new StoreError(51107, `${name}: regex option(s) specified in both 'regex' and 'option' fields`);
  const compiled = compileRegex(own.pattern, isNullish(options) ? own.options : String(options));
  const global = new RegExp(compiled.source, `${compiled.flags}g`);
  for (const found of input.matchAll(global)) {
    const idx = new Int32([...input.slice(0, found.index)].length);
    yield { match: found[0], idx, captures: found.slice(1).map((group) => group ?? null) };
  }
}

const NAMES = { required: ['input', 'regex'], optional: ['options'] };

export const TEXTS: Makers = {
  $trim: trim('$trim', { left: true, right: true }),
  $ltrim: trim('$ltrim', { left: true }),
  $rtrim: trim('$rtrim', { right: true }),
  $replaceOne: replace('$replaceOne', false),
  $replaceAll: replace('$replaceAll', true),
  $regexMatch: named('$regexMatch', NAMES, (values) => !matches('$regexMatch', values).next().done),
  $regexFind: named('$regexFind', NAMES, (values) => matches('$regexFind', values).next().value ?? null),
  $regexFindAll: named('$regexFindAll', NAMES, (values) => [...matches('$regexFindAll', values)]),
};
