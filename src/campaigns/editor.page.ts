import type { Inspection } from '../stamping/stamping';
import { fieldsOf } from './campaign.check';
import type { Campaign, Site } from './campaign.types';
import { inspectUpload } from './check-ready';
import type { definitionFrom } from './editor.form';
import { nameOf } from './editor.mistakes';
import { type EditorFields, isGiven, rowsOf } from './editor.rows';
import { STANDARD_FIELDS } from './form.words';
import { type FormView, formView } from './form-view';
import { consentLibrary, questionLibrary } from './libraries';
import { markdownHtml } from './markdown';
import { readSample, sampleView, stampQuery } from './sample-view';

/** What the editor's page needs besides the fields: libraries to choose from, and how it looks so far. */
export async function editorAids(fields: EditorFields, definition: ReturnType<typeof definitionFrom>, site: Site) {
  const [questions, consents, inspection] = await Promise.all([
    questionLibrary(),
    consentLibrary(),
    fields['upload'] ? inspectUpload(fields['upload']).catch(() => undefined) : undefined,
  ]);
  const asked = new Set(rowsOf(fields, 'f').map((row) => row['key']));
  return {
    standard: Object.entries(STANDARD_FIELDS).filter(([key]) => !asked.has(key)),
    questions: questions.filter(({ key }) => !asked.has(key)),
    purposes: consents.purposes,
    known: consents.sponsors.filter(({ slug }) => !rowsOf(fields, 's').some((row) => row['slug'] === slug)),
    inspection,
    choices: choicesOf(definition),
    live: liveForm(definition, site),
    sample: sampleOf(fields, definition, inspection),
    text: { body: markdownHtml(fields['body'] ?? ''), thanks: markdownHtml(fields['thanks'] ?? '') },
  };
}

type Definition = ReturnType<typeof definitionFrom>;

/** Questions that others may wait for, with their answers. */
function choicesOf({ form }: Definition) {
  return form.flatMap(({ key, label, options }) => (options ? [{ key, label: String(label ?? key), options }] : []));
}

/** The form as it would be now; what is not finished yet is left out. */
function liveForm(definition: Definition, site: Site): FormView {
  const form = definition.form.filter(({ key }) => key !== 'q.') as unknown as Parameters<typeof fieldsOf>[0]['form'];
  const consents = definition.consents.map((one) => ({ ...one, version: 0 })) as Campaign['consents'];
  return formView({ form: { version: 0, fields: fieldsOf({ form }) }, consents }, site.locale);
}

/** A page with the stamp as it is typed; without a PDF only whom it would be for. */
function sampleOf(fields: EditorFields, { stamp, title }: Definition, inspection: Inspection | undefined) {
  const sample = readSample((name) => fields[`sample.${name}`]);
  if (!inspection) return sample;
  const more = { upload: fields['upload'] ?? '', title, ...stampQuery(stamp) };
  return sampleView(sample, inspection, stamp, '/staff/sample.webp', more);
}

/** Where what somebody typed differs from what is kept by now: for two who edited at once. */
export function differences(
  mine: EditorFields,
  theirs: EditorFields,
): { field: string; name: string; mine: string; theirs: string }[] {
  const same = (a = '', b = '') => a.replaceAll('\r\n', '\n').trim() === b.replaceAll('\r\n', '\n').trim();
  return [...new Set([...Object.keys(mine), ...Object.keys(theirs)])]
    .filter((name) => !NOT_TYPED.test(name) && !same(mine[name], theirs[name]))
    .map((field) => ({ field, name: nameOf(field), mine: mine[field] ?? '', theirs: theirs[field] ?? '' }));
}

const NOT_TYPED = /^(_csrf|do|revision|upload|add\..*|sample\..*)$/;

/** Sponsors that a consent may name: those of the page, saved or not. */
export function controllersOf(fields: EditorFields): { slug: string; name: string }[] {
  return rowsOf(fields, 's')
    .filter((row) => isGiven('s', row))
    .map((row) => ({ slug: row['slug'] ?? '', name: row['name'] ?? '' }));
}
