import type { Findings, PdfObject } from '../support/pdf-tools';

/** The names that the stamp's drawings have in the resources of pages. */
const OURS = /^\/Gf[0-9a-f]{10}/;
/** The kinds of resources that it may bring where there were none. */
const ADDED = ['/XObject', '/ExtGState'];
/** What a page in front changes: the catalog has another tree, in which the old one is a branch, and other labels. */
const ITS_COVER: Record<string, string[]> = { '/Catalog': ['/Pages', '/PageLabels'], '/Pages': ['/Parent'] };
/** What says how a stream is packed; its data is compared unpacked. */
const PACKING = ['/Length', '/Filter', '/DecodeParms'];

type Dict = Record<string, unknown>;
const isDict = (value: unknown): value is Dict => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value without what the stamp adds to resources, and without what only it made necessary. */
function without(value: unknown, dropped: string[] = []): unknown {
  if (Array.isArray(value)) return value.map((one) => without(one));
  if (!isDict(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !OURS.test(key) && !dropped.includes(key));
  const clean = kept.map(([key, one]) => [key, without(one)] as const);
  return Object.fromEntries(
    clean.filter(([key, one]) => !ADDED.includes(key) || !isDict(one) || Object.keys(one).length > 0),
  );
}

/** The object as it has to be in the copy; undefined for what a copy has anew: metadata, and the file's own index. */
function kept({ value, stream }: PdfObject, info: unknown, name: string, cover: boolean): unknown {
  if (name === info) return undefined;
  if (stream) {
    if (['/ObjStm', '/XRef', '/Metadata'].includes(String(stream.dict['/Type']))) return undefined;
    return { dict: without(stream.dict, PACKING), data: stream.data };
  }
  if (!isDict(value)) return value;
  if ('/Linearized' in value) return undefined;
  if (value['/Type'] === '/Page') return without(value, ['/Contents', '/Resources']);
  const type = String(value['/Type']);
  return without(value, [...(type === '/Catalog' ? ['/Metadata'] : []), ...((cover && ITS_COVER[type]) || [])]);
}

const refs = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
const resolved = (objects: Map<string, PdfObject>, value: unknown): unknown =>
  typeof value === 'string' && objects.has(`obj:${value}`) ? objects.get(`obj:${value}`)?.value : value;

/**
 * What became of the source's objects in its copy, as qpdf reads both: those that are gone or not the same. Pages are
 * compared without the stamp; their own content has to be all there and in order.
 * @param cover whether the copy has a page in front
 */
export function changedObjects({ objects: before }: Findings, { objects: after }: Findings, cover = false): string[] {
  const trailer = before.get('trailer')?.value as Dict | undefined;
  const info = `obj:${String(trailer?.['/Info'])}`;
  return [...before].flatMap(([name, object]) => {
    if (name === 'trailer') return [];
    const wanted = kept(object, info, name, cover);
    const found = after.get(name);
    if (wanted === undefined) return [];
    if (!found) return [`${name} is gone`];
    if (JSON.stringify(kept(found, info, name, cover)) !== JSON.stringify(wanted)) return [`${name} is not the same`];
    return isDict(object.value) && object.value['/Type'] === '/Page' ? pageChanges(name, before, after) : [];
  });
}

function pageChanges(name: string, before: Map<string, PdfObject>, after: Map<string, PdfObject>): string[] {
  const [source, copy] = [before.get(name)?.value as Dict, after.get(name)?.value as Dict];
  const contents = refs(resolved(before, source['/Contents'])).filter((one) => before.has(`obj:${String(one)}`));
  const list = isDict(resolved(before, source['/Contents'])) ? [source['/Contents']] : contents;
  const own = refs(resolved(after, copy['/Contents'])).filter((one) => list.includes(one));
  const lost = JSON.stringify(own) === JSON.stringify(list) ? [] : [`${name} lost content`];
  if (source['/Resources'] === undefined) return lost;
  const [was, is] = [resolved(before, source['/Resources']), resolved(after, copy['/Resources'])].map((one) =>
    without(one),
  );
  return JSON.stringify(was) === JSON.stringify(is) ? lost : [...lost, `${name} has other resources`];
}
