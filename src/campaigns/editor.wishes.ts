import type { Site } from './campaign.types';
import { questionRow, standardRow } from './editor.fields';
import { nameFrom } from './editor.form';
import { type EditorFields, type Row, reordered, rowsOf, withRows } from './editor.rows';
import { isStandardKey } from './form.words';
import { consentLibrary, questionLibrary } from './libraries';

/** The fields after a button that changes the page and saves nothing: `add f`, `up f 2`, `look`. */
export async function granted(fields: EditorFields, wish: string, site: Site): Promise<EditorFields> {
  if (wish === 'add f') return addQuestion(fields);
  if (wish === 'add c') return addConsent(fields, fields['add.controller'] ?? '', fields['add.purpose'] ?? '', site);
  if (wish === 'add s') return addSponsor(fields, site);
  if (wish === 'add u')
    return withRow(fields, 'u', { afterDays: '7', subject: '', body: '', consent: firstConsent(fields) });
  return reordered(fields, wish);
}

const withRow = (fields: EditorFields, list: Parameters<typeof rowsOf>[1], row: Row): EditorFields =>
  withRows(fields, list, [...rowsOf(fields, list), row]);

/** `firstName` is a standard field, `q.units` one of the library, anything else a question of one's own. */
async function addQuestion(fields: EditorFields): Promise<EditorFields> {
  const key = fields['add.f'] ?? '';
  if (rowsOf(fields, 'f').some((row) => row['key'] === key)) return fields;
  if (isStandardKey(key)) return withRow(fields, 'f', standardRow(key));
  const known = key.startsWith('q.') ? (await questionLibrary()).find((one) => one.key === key) : undefined;
  return withRow(fields, 'f', known ? questionRow(known) : { key: '', type: 'select', label: '', options: '' });
}

async function addConsent(
  fields: EditorFields,
  controller: string,
  purpose: string,
  site: Site,
): Promise<EditorFields> {
  const library = await consentLibrary();
  const typed = rowsOf(fields, 's').find((row) => (row['slug'] || nameFrom(row['name'] ?? '')) === controller);
  const name = controller ? (typed?.['name'] ?? controller) : site.name;
  const text = library.words(controller || undefined, name, purpose);
  const key = freeKey(controller || 'publisher', nameFrom(purpose), fields);
  return withRow(fields, 'c', { key, controller, purpose, text });
}

/** The first consent of a controller is named after it, a further one after what it is for, too. */
function freeKey(controller: string, purpose: string, fields: EditorFields): string {
  const taken = new Set(rowsOf(fields, 'c').map((row) => row['key']));
  const wanted = [controller, `${controller}-${purpose}`.slice(0, 55)];
  return wanted.find((key) => !taken.has(key)) ?? `${wanted[1]}-${taken.size + 1}`;
}

/** A known sponsor comes with its name and privacy notice; each comes with a consent that names it. */
async function addSponsor(fields: EditorFields, site: Site): Promise<EditorFields> {
  const { sponsors } = await consentLibrary();
  const chosen = sponsors.find(({ slug }) => slug === fields['add.s']);
  const name = (chosen?.name ?? fields['add.name'] ?? '').trim();
  const slug = chosen?.slug ?? nameFrom(name);
  if (!slug || rowsOf(fields, 's').some((row) => row['slug'] === slug)) return fields;
  const row = { slug, name, privacyUrl: chosen?.privacyUrl ?? '', overflow: 'hold' };
  return addConsent({ ...withRow(fields, 's', row), 'add.name': '' }, slug, 'contact by e-mail', site);
}

function firstConsent(fields: EditorFields): string {
  return rowsOf(fields, 'c')[0]?.['key'] ?? '';
}
