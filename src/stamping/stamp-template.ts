import { StampError } from './stamp-error';
import type { Piece, Reader, Segment, Variable } from './stamping.types';

const VARIABLES: Variable[] = ['name', 'company', 'email', 'date', 'ref'];
/** What separates segments: a dot, bar, bullet or dash with space around it. */
const SEPARATOR = /(\s+[·•|–—-]\s+)/;
const LONGEST = 500;

const isVariable = (word: string): word is Variable => (VARIABLES as string[]).includes(word);

function refuse(message: string): never {
  throw new StampError('bad-template', message, `Variables are ${VARIABLES.map((name) => `{{${name}}}`).join(' ')}.`);
}

function parsePieces(text: string): Piece[] {
  const parts = text.split(/\{\{\s*([^{}]*?)\s*\}\}/);
  const pieces: Piece[] = [];
  for (const [at, part] of parts.entries()) {
    if (at % 2 === 0) {
      if (/\{\{|\}\}/.test(part)) refuse(`The stamp's text has a stray {{ or }} near "${part.trim()}".`);
      if (part) pieces.push({ text: part.replace(/\s+/g, ' ') });
    } else if (isVariable(part)) pieces.push({ variable: part });
    else refuse(`The stamp's text uses an unknown variable {{${part}}}.`);
  }
  return pieces;
}

/**
 * Parses `Prepared for {{name}} · {{company}} · {{email}}` into segments.
 * @throws {StampError} `bad-template` for an unknown variable, stray braces, or a text without any variable
 */
export function parseTemplate(template: string): Segment[] {
  if (template.length > LONGEST) refuse(`The stamp's text is longer than ${LONGEST} characters.`);
  const parts = template.trim().split(SEPARATOR);
  const segments = parts.flatMap((text, at) =>
    at % 2 === 0 ? [{ separator: (parts[at - 1] ?? '').replace(/\s+/g, ' '), pieces: parsePieces(text) }] : [],
  );
  const used = segments.flatMap(({ pieces }) => pieces.flatMap((piece) => ('variable' in piece ? piece.variable : [])));
  if (used.length === 0) refuse("The stamp's text has no variable, so every copy would be the same.");
  return segments.filter(({ pieces }) => pieces.length > 0);
}

/** Whether anything of a segment would be printed: fixed words alone, or at least one variable that isn't empty. */
export function isShown(segment: Segment, reader: Pick<Reader, Variable>): boolean {
  const variables = segment.pieces.flatMap((piece) => ('variable' in piece ? [piece.variable] : []));
  return variables.length === 0 || variables.some((name) => (reader[name] ?? '') !== '');
}
