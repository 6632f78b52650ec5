// Makes a printed PDF the same bytes at every build: no dates of today, no random id, our own title and producer.
import { createHash } from 'node:crypto';
import { PDFDocument, PDFHexString, PDFName } from 'pdf-lib';

/** @param printed what Chromium printed */
export async function normalise(printed, { meta }) {
  const pdf = await PDFDocument.load(printed, { updateMetadata: false });
  const date = new Date(`${meta.date}T00:00:00Z`);
  pdf.setTitle(meta.title, { showInWindowTitleBar: true });
  pdf.setAuthor(meta.publisher);
  pdf.setSubject(meta.subtitle);
  pdf.setLanguage(meta.lang ?? 'en-GB');
  pdf.setProducer('Gatefold typesetting');
  pdf.setCreator('Gatefold');
  pdf.setCreationDate(date);
  pdf.setModificationDate(date);
  const id = PDFHexString.of(createHash('sha256').update(JSON.stringify(meta)).digest('hex').slice(0, 32));
  pdf.context.trailerInfo.ID = pdf.context.obj([id, id]);
  pdf.catalog.delete(PDFName.of('Metadata'));
  return pdf.save({ useObjectStreams: true });
}
