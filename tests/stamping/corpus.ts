import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '../fixtures/pdfs');

/** A trait as a file is named after it: `rotated by 90` is `rotated-by-90.pdf`. */
export const fileName = (trait: string): string =>
  `${trait
    .toLowerCase()
    .replace(/’/g, '')
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^-|-$/g, '')}.pdf`;

/** A file of the corpus: `stampable` or `refused`. */
export const corpusFile = (kind: 'stampable' | 'refused', trait: string): Buffer =>
  readFileSync(join(FOLDER, kind, fileName(trait)));

/** Names of the corpus's files, without their ends. */
export const corpusTraits = (kind: 'stampable' | 'refused'): string[] =>
  readdirSync(join(FOLDER, kind)).map((file) => file.replace(/\.pdf$/, ''));
