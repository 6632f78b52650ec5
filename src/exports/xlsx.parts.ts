import type { DateStyle } from './profile.types';

/** The parts of a workbook (ECMA-376, part 1): what is the same in each, and how a cell of text is written. */

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';

/** Cell styles by place in `cellXfs`: text, header, and a date as each style of dates shows it. */
const TEXT = 1;
const HEADER = 2;
const DATES: Partial<Record<DateStyle, { style: number; code: string }>> = {
  time: { style: 3, code: 'yyyy\\-mm\\-dd\\ hh:mm:ss' },
  date: { style: 4, code: 'yyyy\\-mm\\-dd' },
  'day-first': { style: 5, code: 'dd\\/mm\\/yyyy\\ hh:mm' },
  'month-first': { style: 6, code: 'mm\\/dd\\/yyyy\\ hh:mm' },
};

/** Undefined for the contract's, which stays text. */
export const dateStyle = (dates: DateStyle): number | undefined => DATES[dates]?.style;

/** `A`, `Z`, `AA`. */
export function columnName(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : columnName(Math.floor(index / 26) - 1) + letter;
}

/** What XML 1.0 can't carry at all (2.2, Char), and half a surrogate pair. */
const ILLEGAL = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const SPECIAL = /[&<>\r_]|[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]/;

/** What Excel would read as its own escape (`_x0041_`) is escaped by it. */
function escaped(text: string): string {
  if (!SPECIAL.test(text)) return text;
  return text
    .replace(ILLEGAL, '')
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '_x000D_');
}

export const textCell = (at: string, text: string, style = TEXT): string =>
  `<c r="${at}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;

/** Up to the first row of leads: the header stays in view, each column is as wide as what usually stands in it. */
export function sheetHead(names: string[]): string {
  const columns = names.map(
    (name, i) => `<col min="${i + 1}" max="${i + 1}" width="${widthOf(name)}" customWidth="1"/>`,
  );
  const pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>';
  const header = names.map((name, i) => textCell(`${columnName(i)}1`, name, HEADER));
  return [
    `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0">${pane}</sheetView></sheetViews>`,
    columns.length > 0 ? `<cols>${columns.join('')}</cols>` : '',
    `<sheetData><row r="1">${header.join('')}</row>`,
  ].join('');
}

export const sheetFoot = (columns: number, rows: number): string =>
  `</sheetData>${columns > 0 ? `<autoFilter ref="A1:${columnName(columns - 1)}${rows}"/>` : ''}</worksheet>`;

/** In characters. What is usually longer than its name has the room it needs, so that nobody has to pull columns first. */
const WIDTHS: Record<string, number> = {
  lead_id: 17,
  captured_at: 26,
  campaign: 46,
  email: 34,
  company: 30,
  job_title: 26,
};

function widthOf(name: string): number {
  return WIDTHS[name] ?? Math.min(40, Math.max(14, name.length + 2));
}

/** Everything but the sheets. */
export function parts(sheets: number): [name: string, xml: string][] {
  const numbers = Array.from({ length: sheets }, (_, i) => i + 1);
  return [
    ['xl/styles.xml', styles()],
    ['xl/workbook.xml', workbook(numbers)],
    ['xl/_rels/workbook.xml.rels', workbookRelations(numbers)],
    ['_rels/.rels', relations([['rId1', 'officeDocument', 'xl/workbook.xml']])],
    ['[Content_Types].xml', contentTypes(numbers)],
  ];
}

const workbook = (numbers: number[]): string => {
  const sheets = numbers.map((n) => `<sheet name="Leads${n === 1 ? '' : ` ${n}`}" sheetId="${n}" r:id="rId${n}"/>`);
  return `${XML}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${sheets.join('')}</sheets></workbook>`;
};

const workbookRelations = (numbers: number[]): string =>
  relations([
    ...numbers.map((n): Relation => [`rId${n}`, 'worksheet', `worksheets/sheet${n}.xml`]),
    [`rId${numbers.length + 1}`, 'styles', 'styles.xml'],
  ]);

type Relation = [id: string, type: string, target: string];

function relations(all: Relation[]): string {
  const lines = all.map(([id, type, to]) => `<Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${to}"/>`);
  return `${XML}<Relationships xmlns="${PACKAGE}/relationships">${lines.join('')}</Relationships>`;
}

function contentTypes(numbers: number[]): string {
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const part = (name: string, kind: string) =>
    `<Override PartName="/xl/${name}.xml" ContentType="${type}.${kind}+xml"/>`;
  return [
    `${XML}<Types xmlns="${PACKAGE}/content-types">`,
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>',
    part('workbook', 'sheet.main'),
    part('styles', 'styles'),
    ...numbers.map((n) => part(`worksheets/sheet${n}`, 'worksheet')),
    '</Types>',
  ].join('');
}

function styles(): string {
  const dates = Object.values(DATES);
  const formats = dates.map(({ style, code }) => `<numFmt numFmtId="${160 + style}" formatCode="${code}"/>`);
  const xf = (number: number, font: number) =>
    `<xf numFmtId="${number}" fontId="${font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>`;
  const font = (bold: string) => `<font>${bold}<sz val="11"/><name val="Calibri"/><family val="2"/></font>`;
  const cells = [xf(0, 0), xf(49, 0), xf(49, 1), ...dates.map(({ style }) => xf(160 + style, 0))];
  return [
    `${XML}<styleSheet xmlns="${MAIN}"><numFmts count="${formats.length}">${formats.join('')}</numFmts>`,
    `<fonts count="2">${font('')}${font('<b/>')}</fonts>`,
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>',
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>',
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>',
    `<cellXfs count="${cells.length}">${cells.join('')}</cellXfs>`,
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
  ].join('');
}
