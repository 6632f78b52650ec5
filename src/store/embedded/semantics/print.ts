import { Binary } from 'bson';
import type { Doc } from './types';
import { binaryOf, fieldsOf, isNumber, kindOf, regexOf, textOf } from './values';

/** A value as MongoDB prints it in its messages; `{ a: 1, b: "x" }`. Long output is cut. */
export function show(value: unknown): string {
  const text = print(value);
  return text.length > 500 ? `${text.slice(0, 500)}...` : text;
}

/** A field as MongoDB prints it: `a: 1`. */
export function showField(name: string, value: unknown): string {
  return `${name}: ${show(value)}`;
}

function print(value: unknown): string {
  const kind = kindOf(value);
  if (kind === 'long' || kind === 'decimal') return kind === 'long' ? String(value) : `Decimal128("${String(value)}")`;
  if (isNumber(kind)) return printPlain(Number(value), kind);
  switch (kind) {
    case 'string':
    case 'symbol':
      return JSON.stringify(textOf(value));
    case 'object':
      return printDocument(fieldsOf(value as Doc));
    case 'array':
      return (value as unknown[]).length === 0 ? '[]' : `[ ${(value as unknown[]).map(print).join(', ')} ]`;
    case 'objectId':
      return `ObjectId('${String(value)}')`;
    case 'date':
      return `new Date(${(value as Date).getTime()})`;
    case 'regex':
      return `/${regexOf(value).pattern}/${regexOf(value).options}`;
    case 'binData':
      return `BinData(${binaryOf(value).subtype}, ${new Binary(binaryOf(value).bytes).toString('hex').toUpperCase()})`;
    case 'bool':
      return String(value);
    default:
      return kind === 'minKey' ? 'MinKey' : kind === 'maxKey' ? 'MaxKey' : kind;
  }
}

function printPlain(value: number, kind: string): string {
  return kind === 'double' && Number.isInteger(value) ? `${value}.0` : String(value);
}

function printDocument(doc: Doc): string {
  const fields = Object.entries(doc).map(([name, value]) => `${name}: ${print(value)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}
