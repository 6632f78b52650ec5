import { StoreError } from './semantics';

/** What the disk may say (errno of Linux and macOS), and LMDB's own when its map is full. */
const NO_ROOM = new Set([28, 27, 122, 69, -30792]);
const LMDB_REJECTION = 'Commit failed (see commitError for details)';

interface LmdbError extends Error {
  /** LMDB's number; of Node's file system a name. */
  code?: number | string;
  /** Of Node's file system: the number below zero. */
  errno?: number;
  commitError?: Promise<never>;
}

/**
 * What the writers of a failed transaction are told: MongoDB's OutOfDiskSpace, or OperationFailed with the disk's words.
 * Nothing of the transaction is on disk then, and readers see what was there before.
 */
export async function commitFailure(error: unknown): Promise<StoreError> {
  const cause = await causeOf(error as LmdbError);
  // The rest of LMDB's text is about pages and buffers.
  const [said = ''] = cause.message.split(/: Attempting|\n/);
  const number = typeof cause.code === 'number' ? cause.code : -(cause.errno ?? 0);
  const code = NO_ROOM.has(number) ? 14031 : 96;
  return new StoreError(code, `the write did not reach the disk: ${said}`);
}

/** LMDB's promise of a transaction fails with a general word, and a second promise with the reason. */
function causeOf(error: LmdbError): Promise<LmdbError> {
  return error.commitError ? error.commitError.catch((cause: LmdbError) => cause) : Promise.resolve(error);
}

/**
 * lmdb rejects promises of its own beside the one it gave us, and nobody can get at those to handle them; left alone they
 * would end the thread, and with it every reader. Any other rejection still does.
 */
export function passOverRejectionsOfCommits(): void {
  process.on('unhandledRejection', (reason) => {
    const error = reason as LmdbError;
    if (error?.message !== LMDB_REJECTION && typeof error?.code !== 'number') throw reason;
  });
}
