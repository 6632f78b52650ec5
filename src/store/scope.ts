import { AsyncLocalStorage } from 'node:async_hooks';
import { GatefoldError } from '../errors';

/** For whom the store is asked: one sponsor, or the house itself (the street, staff, workers, commands). */
type Scope = { sponsor: string } | 'house';

const scopes = new AsyncLocalStorage<Scope>();
let refuses = false;

/** Whatever `run` starts reaches only what is this sponsor's. The guards of portal and API are who calls it. */
export function asSponsor<T>(sponsor: string, run: () => T): T {
  return scopes.run({ sponsor }, run);
}

/**
 * Whatever `run` starts may reach everything. Inside a sponsor's request it stands around what is the house's own
 * business: who signs in, what decides on a lead, the log of what left.
 */
export function asHouse<T>(run: () => T): T {
  return scopes.run('house', run);
}

/** Whatever `run` starts has no scope, wherever it is called: a server's requests get one of their own. */
export function withoutScope<T>(run: () => T): T {
  return scopes.exit(run);
}

/** For what goes on where nobody knows any more who began it: streams read on when a socket has room. */
export const keepScope = (): (<T>(run: () => T) => T) => AsyncLocalStorage.snapshot();

/** Reads a source step by step in the scope of now, whoever takes the steps. */
export function inThisScope<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  return steps(source, keepScope());
}

async function* steps<T>(source: AsyncGenerator<T>, scoped: ReturnType<typeof keepScope>): AsyncGenerator<T> {
  try {
    for (;;) {
      const { done, value } = await scoped(() => source.next());
      if (done) return;
      yield value;
    }
  } finally {
    await scoped(() => source.return(undefined));
  }
}

/**
 * From now on this process refuses whoever asks for what sponsors own without saying for whom. A process that serves
 * requests does, so that a portal's route whose scope got lost fails and opens nothing.
 */
export function refuseUnscoped(refuse = true): void {
  refuses = refuse;
}

/**
 * The sponsor for whom the store is asked, or null when it is the house.
 * @throws GatefoldError `unscoped` where requests are served and nobody said
 */
export function scopedTo(what: string): string | null {
  const scope = scopes.getStore();
  if (scope === undefined && refuses) throw unscoped(`${what} was asked for, and nobody said for whom`);
  return scope === undefined || scope === 'house' ? null : scope.sponsor;
}

/** Somebody wrote a query that a sponsor may not make: ours to mend, so nobody is told more. */
export function unscoped(log: string): GatefoldError {
  return new GatefoldError('internal', 'unscoped', { log, reader: 'We could not finish this.' });
}
