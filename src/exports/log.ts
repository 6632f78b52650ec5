import { createHash, randomBytes } from 'node:crypto';
import { type Readable, Transform } from 'node:stream';
import type * as leads from '../leads/leads';
import { isDuplicateKey } from '../store/duplicate';
import { keepScope } from '../store/scope';
import { DisclosedLeadsModel, DisclosureModel, type DisclosureRow } from './disclosure.model';
import type { Disclosure } from './disclosure.types';

export const disclosureOf = ({ _id, series: _, recipe: __, ...row }: DisclosureRow): Disclosure => ({
  id: _id,
  ...row,
});

type Entry = Omit<DisclosureRow, '_id' | 'at' | 'state' | 'rows' | 'number'>;

/** Opens the log entry, before anything leaves. In a series it gets the next number; of two at once each has its own. */
export async function begin(entry: Entry): Promise<DisclosureRow> {
  const _id = randomBytes(9).toString('base64url');
  const row: DisclosureRow = { _id, ...entry, at: new Date(), state: 'running', rows: 0 };
  if (entry.series === undefined) {
    await DisclosureModel.create(row);
    return row;
  }
  for (;;) {
    const last = await DisclosureModel.findOne({ series: entry.series }, { number: 1 }).sort({ number: -1 }).lean();
    const numbered = { ...row, number: (last?.number ?? 0) + 1 };
    try {
      await DisclosureModel.create(numbered);
      return numbered;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
}

/** Notes which leads leave, before they do. */
export class Leaving {
  rows = 0;
  private n = 0;

  constructor(
    private readonly disclosure: string,
    private readonly withStatus: boolean,
  ) {}

  async note(batch: leads.Lead[]): Promise<void> {
    this.n += 1;
    await DisclosedLeadsModel.create({
      _id: `${this.disclosure} ${this.n}`,
      disclosure: this.disclosure,
      leads: batch.map(({ id }) => id),
      revisions: batch.map(({ revision }) => revision),
      ...(this.withStatus && { states: batch.map(({ status }) => status) }),
    });
    this.rows += batch.length;
  }
}

/** Ends an entry: with the hash of the bytes when all went out, as aborted when the taker left. */
export async function end(disclosure: string, rows: number, sha256?: string): Promise<void> {
  const change =
    sha256 === undefined ? { state: 'aborted' as const, rows } : { state: 'complete' as const, rows, sha256 };
  await DisclosureModel.updateOne({ _id: disclosure }, { $set: change });
}

/**
 * Passes the bytes on and closes the log entry.
 * @param expected the hash that they must have; on another one the stream breaks off before its last bytes
 */
export function closing(disclosure: string, source: Readable, leaving: Leaving, expected?: string): Readable {
  const hash = createHash('sha256');
  const scoped = keepScope();
  let kept: Buffer | undefined;
  const through = new Transform({
    highWaterMark: 256 * 1024,
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      if (expected === undefined) return done(null, chunk);
      const before = kept;
      kept = chunk;
      done(null, before);
    },
    flush(done) {
      const sha256 = hash.digest('hex');
      if (expected !== undefined && sha256 !== expected) return done(new Error('an export given again differs'));
      if (kept) this.push(kept);
      scoped(() => end(disclosure, leaving.rows, sha256)).then(() => done(), done);
    },
    destroy(error, done) {
      source.destroy();
      if (this.writableFinished) return done(error);
      scoped(() => end(disclosure, leaving.rows)).then(
        () => done(error),
        () => done(error),
      );
    },
  });
  source.on('error', (error) => through.destroy(error));
  source.pipe(through);
  return through;
}
