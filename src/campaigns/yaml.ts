import type Joi from 'joi';
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { GatefoldError } from '../errors';

/** A YAML text and what to call it in errors. `firstLine` is the line of its first line in the file (front matter). */
export interface YamlSource {
  name: string;
  text: string;
  firstLine?: number;
}

/** Something wrong at a place of the document; `path` as Joi gives it. */
export interface Problem {
  path: (string | number)[];
  message: string;
}

/** Nobody mends more in one go. */
const PROBLEMS_SHOWN = 20;

/**
 * Reads YAML 1.2 and checks its shape; everything that is wrong is told at once, each with its line.
 * @param check looks at what one schema can't see, once the shape is right
 * @throws GatefoldError `yaml-invalid`, one line per mistake: `campaign.yaml:12: form[3].options: is required`
 */
export function readYaml<T>(source: YamlSource, schema: Joi.ObjectSchema<T>, check?: (value: T) => Problem[]): T {
  const lines = new LineCounter();
  const document = parseDocument(source.text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const line = (offset: number) => lines.linePos(offset).line + (source.firstLine ?? 1) - 1;
  const broken = [...document.errors, ...document.warnings].map((error) => ({
    at: line(error.pos[0]),
    message: error.message,
  }));
  if (broken.length) throw invalid(source.name, broken);
  const { value, error } = schema.validate(plainValue(document, source.name), {
    abortEarly: false,
    errors: { label: false },
  });
  const problems = error ? error.details.map(({ path, message }) => ({ path, message })) : (check?.(value as T) ?? []);
  if (problems.length === 0) return value as T;
  const located = problems.map(({ path, message }) => {
    const where = spell(path);
    return { at: line(offsetOf(document, path)), message: where ? `${where}: ${message}` : message };
  });
  throw invalid(source.name, located);
}

/** Aliases that multiply (a "billion laughs" file) end here and not in memory. */
function plainValue(document: Document.Parsed, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch {
    throw invalid(name, [{ at: 1, message: 'has too many aliases' }]);
  }
}

function invalid(name: string, problems: { at: number; message: string }[]): GatefoldError {
  const sorted = [...problems].sort((a, b) => a.at - b.at);
  const text = sorted.slice(0, PROBLEMS_SHOWN).map(({ at, message }) => `${name}:${at}: ${message}`);
  if (sorted.length > PROBLEMS_SHOWN) text.push(`${name}: and ${sorted.length - PROBLEMS_SHOWN} more`);
  return new GatefoldError('invalid', 'yaml-invalid', text.join('\n'));
}

/** `['form', 3, 'options']` as `form[3].options`. */
function spell(path: (string | number)[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}

/** Where the path leads, or how far it can be followed: a missing key is reported at the thing that lacks it. */
function offsetOf(document: Document.Parsed, path: (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of path) {
    const next = child(node, step);
    if (!next) break;
    offset = next.offset ?? offset;
    node = next.node;
  }
  return offset;
}

function child(node: unknown, step: string | number): { node: unknown; offset: number | undefined } | undefined {
  if (isSeq(node) && typeof step === 'number') {
    const item = node.items[step];
    return item ? { node: item, offset: startOf(item) } : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  return pair && { node: pair.value, offset: startOf(pair.key) };
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
