/** Writes PDFs byte by byte, so that tests can have every defect they want. */
export interface RawPdf {
  /** Objects 1, 2, 3 …: the text between `n 0 obj` and `endobj`. Object 1 is the catalog. */
  objects: (string | Buffer)[];
  /** Further entries of the trailer. */
  trailer?: string;
  version?: string;
}

/** A file with a classic cross-reference table. */
export function rawPdf({ objects, trailer = '', version = '1.7' }: RawPdf): Buffer {
  const chunks = [Buffer.from(`%PDF-${version}\n%\xe2\xe3\xcf\xd3\n`, 'latin1')];
  const offsets: number[] = [];
  let at = chunks[0]?.length ?? 0;
  for (const [index, body] of objects.entries()) {
    const parts = [
      Buffer.from(`${index + 1} 0 obj\n`),
      Buffer.from(body as string, 'latin1'),
      Buffer.from('\nendobj\n'),
    ];
    offsets.push(at);
    for (const part of parts) at += part.length;
    chunks.push(...parts);
  }
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
  const size = objects.length + 1;
  chunks.push(
    Buffer.from(`xref\n0 ${size}\n0000000000 65535 f \n${rows.join('')}`),
    Buffer.from(`trailer\n<< /Size ${size} /Root 1 0 R ${trailer} >>\nstartxref\n${at}\n%%EOF\n`),
  );
  return Buffer.concat(chunks);
}

/** A stream object. */
export function rawStream(data: string | Buffer, entries = ''): Buffer {
  const bytes = Buffer.from(data as string, 'latin1');
  return Buffer.concat([
    Buffer.from(`<< /Length ${bytes.length} ${entries} >>\nstream\n`),
    bytes,
    Buffer.from('\nendstream'),
  ]);
}

export interface RawPage {
  /** Entries of the page dictionary: boxes, rotation and so on. */
  entries?: string;
  /** Content streams; none leaves /Contents away. */
  contents?: (string | Buffer)[];
  /** The page's resources; an empty string leaves them to be inherited. */
  resources?: string;
}

const FONT = '/Font << /F 3 0 R >>';

/** A document of pages with a standard font /F; object 2 is the page tree, `tree` its further entries. */
export function rawPages(pages: RawPage[], tree = '', version = '1.7'): Buffer {
  const objects: (string | Buffer)[] = ['', '', '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'];
  const kids: number[] = [];
  for (const { entries = '/MediaBox [0 0 595 842]', contents = [], resources = `<< ${FONT} >>` } of pages) {
    const streams = contents.map((content) => objects.push(rawStream(content)));
    const list = streams.map((number) => `${number} 0 R`).join(' ');
    const own = resources && `/Resources ${resources}`;
    const text = streams.length === 1 ? `/Contents ${list}` : streams.length > 1 ? `/Contents [${list}]` : '';
    kids.push(objects.push(`<< /Type /Page /Parent 2 0 R ${entries} ${own} ${text} >>`));
  }
  objects[0] = '<< /Type /Catalog /Pages 2 0 R >>';
  objects[1] = `<< /Type /Pages /Count ${kids.length} /Kids [${kids.map((kid) => `${kid} 0 R`).join(' ')}] ${tree} >>`;
  return rawPdf({ objects, version });
}
