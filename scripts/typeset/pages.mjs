// On which page each chapter begins, read off the printed PDF's named destinations.
import { PDFArray, PDFDict, PDFDocument, PDFName } from 'pdf-lib';

/** @returns page number by id of the heading, as printed at the foot of the page (the cover is page 1) */
export async function headingPages(printed) {
  const pdf = await PDFDocument.load(printed);
  const pages = new Map(pdf.getPages().map((page, i) => [page.ref.toString(), i + 1]));
  const destinations = pdf.catalog.lookup(PDFName.of('Dests'), PDFDict);
  const found = new Map();
  for (const [name, value] of destinations.entries()) {
    const target = pdf.context.lookup(value, PDFArray);
    found.set(name.decodeText(), pages.get(target.get(0).toString()));
  }
  return found;
}
