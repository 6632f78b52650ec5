import { Int32, Long } from 'bson';
import type { Doc } from './semantics';

/** What was asked since the start, for `serverStatus` and `top`. */
const KINDS: Readonly<Record<string, keyof Counts>> = {
  insert: 'insert',
  find: 'query',
  update: 'update',
  delete: 'delete',
  getMore: 'getmore',
};

interface Counts {
  insert: number;
  query: number;
  update: number;
  delete: number;
  getmore: number;
  command: number;
}

interface Usage {
  count: number;
  micros: number;
}

/** `top`'s names of these. */
const TOP = { query: 'queries', getmore: 'getmore', insert: 'insert', update: 'update', delete: 'remove', command: 'commands' } as const; // biome-ignore format: a table
const WRITES: readonly string[] = ['insert', 'update', 'remove'];

/** Namespaces beyond this many are not told apart. */
const MOST = 10_000;

export class Activity {
  /** Open now, and since the start. */
  connections = 0;
  accepted = 0;
  private readonly counts: Counts = { insert: 0, query: 0, update: 0, delete: 0, getmore: 0, command: 0 };
  private readonly namespaces = new Map<string, Map<string, Usage>>();

  note(command: string, namespace: string | null, ms: number): void {
    const kind = KINDS[command] ?? 'command';
    this.counts[kind] += 1;
    if (namespace === null) return;
    const known = this.namespaces.get(namespace);
    if (!known && this.namespaces.size >= MOST) return;
    const usages = known ?? new Map<string, Usage>();
    if (!known) this.namespaces.set(namespace, usages);
    const usage = usages.get(TOP[kind]) ?? { count: 0, micros: 0 };
    usage.count += 1;
    usage.micros += ms * 1000;
    usages.set(TOP[kind], usage);
  }

  opcounters(): Doc {
    return Object.fromEntries(Object.entries(this.counts).map(([name, n]) => [name, Long.fromNumber(n)]));
  }

  top(): Doc {
    const totals = [...this.namespaces].map(([namespace, usages]) => [namespace, topOf(usages)]);
    return { note: 'all times in microseconds', ...Object.fromEntries(totals) };
  }
}

function topOf(usages: Map<string, Usage>): Doc {
  const shown = (list: (Usage | undefined)[]): Doc => {
    const time = list.reduce((sum, one) => sum + (one?.micros ?? 0), 0);
    const count = list.reduce((sum, one) => sum + (one?.count ?? 0), 0);
    return { time: Long.fromNumber(Math.round(time)), count: new Int32(count) };
  };
  const all = [...usages];
  const writes = all.filter(([name]) => WRITES.includes(name)).map(([, usage]) => usage);
  const reads = all.filter(([name]) => !WRITES.includes(name)).map(([, usage]) => usage);
  const each = Object.values(TOP).map((name) => [name, shown([usages.get(name)])]);
  return { total: shown([...reads, ...writes]), readLock: shown(reads), writeLock: shown(writes), ...Object.fromEntries(each) }; // biome-ignore format: one line
}
