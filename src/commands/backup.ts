import { createReadStream, createWriteStream } from 'node:fs';
import { access, rename, rm } from 'node:fs/promises';
import type { Command } from 'commander';
import { type Counts, readBackup, writeBackup } from '../store/backup';
import { withHouse } from './house';

/**
 * Leads, requests and their jobs before what came of them: a mail that goes out during the backup may go out again after a
 * restore, under the same Message-ID; none is forgotten.
 */
const FIRST = ['leads', 'requests', 'jobs'];

/** Commands that take everything along: to another machine, another store, or a safe place. */
export function backupCommands(program: Command): void {
  program
    .command('backup <file>')
    .description('write every collection, files included, into one archive with checksums; the server may run')
    .action((file: string) => withHouse(() => backup(file)));
  program
    .command('restore <file>')
    .description('read an archive into the configured store and verify what came back')
    .option('--replace', 'drop what the store holds first')
    .action((file: string, options: { replace?: boolean }) => restore(file, options));
}

async function backup(file: string): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    const out = createWriteStream(part, { mode: 0o600, flush: true });
    const counts = await writeBackup(out, { first: FIRST, progress: progressBar() });
    await rename(part, file);
    tell(counts, `written to ${file}`);
    process.stderr.write('Keep secret.key (or SECRET_KEY) with it: it signs the links that readers have.\n');
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function restore(file: string, options: { replace?: boolean }): Promise<void> {
  await access(file);
  await withHouse(async () => {
    const counts = await readBackup(() => createReadStream(file), { ...options, progress: progressBar() });
    tell(counts, `restored from ${file} and verified`);
  });
}

function tell(counts: Counts, what: string): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  process.stdout.write(`${total} documents of ${Object.keys(counts).length} collections ${what}\n`);
}

/** On a terminal, one line that changes. */
function progressBar(): (collection: string, documents: number) => void {
  if (!process.stderr.isTTY) return () => {};
  return (collection, documents) => void process.stderr.write(`\r\x1b[K${collection} ${documents}`);
}
