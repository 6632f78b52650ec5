/** What the editor's fields hold, by name; the page is filled from it and sends it back. */
export type EditorFields = Record<string, string>;

/** The lists of the editor: questions of the form, consents, sponsors, follow-ups. */
export const LISTS = ['f', 'c', 's', 'u'] as const;
export type List = (typeof LISTS)[number];
export type Row = Record<string, string>;

const ROWS_MAX = 60;

/** The rows of a list: `f.0.key`, `f.0.label`, `f.1.key`, … as far as `f.count` says. */
export function rowsOf(fields: EditorFields, list: List): Row[] {
  const count = Math.min(Math.max(Math.trunc(Number(fields[`${list}.count`])) || 0, 0), ROWS_MAX);
  const rows = Array.from({ length: count }, (): Row => ({}));
  for (const [name, value] of Object.entries(fields)) {
    const [, head, i, key] = /^(\w)\.(\d+)\.(\w+)$/.exec(name) ?? [];
    const row = head === list ? rows[Number(i)] : undefined;
    if (row && key) row[key] = value;
  }
  return rows;
}

/** The fields of a list's rows. */
export function fieldsOfRows(list: List, rows: Row[]): EditorFields {
  const named = rows.flatMap((row, i) => Object.entries(row).map(([key, value]) => [`${list}.${i}.${key}`, value]));
  return { ...Object.fromEntries(named), [`${list}.count`]: String(rows.length) };
}

/** The same fields with other rows in a list. */
export function withRows(fields: EditorFields, list: List, rows: Row[]): EditorFields {
  const others = Object.entries(fields).filter(([name]) => !new RegExp(`^${list}\\.\\d+\\.`).test(name));
  return { ...Object.fromEntries(others), ...fieldsOfRows(list, rows.slice(0, ROWS_MAX)) };
}

/**
 * What a button of the page asks for: `up f 3`, `down f 3`, `remove f 3`, `move f 3 0`. Anything else leaves the rows.
 * Nothing is saved by it.
 */
export function reordered(fields: EditorFields, wish: string): EditorFields {
  const [, verb, name, at, to] = /^(up|down|remove|move) (\w) (\d+)(?: (\d+))?$/.exec(wish) ?? [];
  const list = LISTS.find((one) => one === name);
  const rows = list ? rowsOf(fields, list) : [];
  const from = Number(at);
  const row = rows[from];
  if (!list || !row) return fields;
  const target = { up: from - 1, down: from + 1, move: Number(to ?? from), remove: -1 }[verb ?? ''] ?? from;
  const others = rows.filter((_, i) => i !== from);
  if (verb === 'remove') return withRows(fields, list, others);
  if (target < 0 || target > others.length) return fields;
  return withRows(fields, list, [...others.slice(0, target), row, ...others.slice(target)]);
}

/** A row that says nothing is one that was left empty, or emptied to take it away. */
export function isGiven(list: List, row: Row): boolean {
  const names: Record<List, string[]> = {
    f: ['key', 'label'],
    c: ['text'],
    s: ['slug', 'name'],
    u: ['subject', 'body'],
  };
  return names[list].some((name) => row[name]?.trim());
}
