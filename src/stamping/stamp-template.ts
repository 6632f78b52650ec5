import type { Piece, Reader, Segment } from './stamping.types';

/** What every reader has. */
const VARIABLES = ['name', 'company', 'email', 'date', 'ref'] as const;
/** What separates segments: a dot, bar, bullet or dash with space around it. */
const SEPARATOR = /(\s+[·•|–—-]\s+)/;
const BRACED = /\{\{\s*([^{}]*?)\s*\}\}/;
const LONGEST = 500;

/** The value that a reader has for a variable; empty when there is none. */
export function readerValue(reader: Pick<Reader, (typeof VARIABLES)[number] | 'more'>, variable: string): string {
  const usual = VARIABLES.find((name) => name === variable);
  if (usual) return reader[usual] ?? '';
  return reader.more && Object.hasOwn(reader.more, variable) ? (reader.more[variable] ?? '') : '';
}

/** What keeps a template from being used: an unknown variable, stray braces, no variable at all, too many words. */
export function templateProblems(template: string, more: string[] = []): string[] {
  if (template.length > LONGEST) return [`takes at most ${LONGEST} characters`];
  const known: string[] = [...VARIABLES, ...more];
  const parts = template.split(new RegExp(BRACED, 'g'));
  const used = parts.filter((_, at) => at % 2 === 1);
  const words = parts.filter((_, at) => at % 2 === 0);
  const stray = words.find((text) => /\{\{|\}\}/.test(text));
  const list = known.map((name) => `{{${name}}}`).join(' ');
  return [
    ...used.filter((name) => !known.includes(name)).map((name) => `{{${name}}} is not one of ${list}`),
    ...(stray === undefined ? [] : [`there is a stray {{ or }} near "${stray.trim()}"`]),
    ...(used.length === 0 && stray === undefined ? [`without one of ${list} every copy would be the same`] : []),
  ];
}

function parsePieces(text: string): Piece[] {
  const parts = text.split(new RegExp(BRACED, 'g'));
  return parts.flatMap((part, at): Piece[] => {
    if (at % 2 === 1) return [{ variable: part }];
    return part ? [{ text: part.replace(/\s+/g, ' ') }] : [];
  });
}

/** Parses a template without problems, such as `Prepared for {{name}} · {{company}} · {{email}}`, into segments. */
export function parseTemplate(template: string): Segment[] {
  const parts = template.trim().split(SEPARATOR);
  const segments = parts.flatMap((text, at) =>
    at % 2 === 0 ? [{ separator: (parts[at - 1] ?? '').replace(/\s+/g, ' '), pieces: parsePieces(text) }] : [],
  );
  return segments.filter(({ pieces }) => pieces.length > 0);
}

/** Whether anything of a segment would be printed: fixed words alone, or at least one variable that isn't empty. */
export function isShown(segment: Segment, valueFor: (variable: string) => string): boolean {
  const variables = segment.pieces.flatMap((piece) => ('variable' in piece ? [piece.variable] : []));
  return variables.length === 0 || variables.some((name) => valueFor(name) !== '');
}
