import { StoreError } from './semantics';

/** MongoDB's limit for what a sort or a group may hold without a disk to spill to. */
const MEMORY_MAX = 100 * 1024 * 1024;

/** What a stage holds. @throws StoreError 292 beyond the limit */
export class Held {
  private bytes = 0;

  constructor(
    private readonly what: 'Sort' | '$group' | '$lookup' | '$facet',
    private readonly most = MEMORY_MAX,
  ) {}

  add(value: unknown): void {
    this.bytes += sizeOf(value);
    if (this.bytes <= this.most) return;
    throw new StoreError(
      292,
      `${this.what} exceeded memory limit of ${this.most} bytes, but did not opt in to external sorting. Aborting operation.`,
    );
  }

  reset(values: Iterable<unknown>): void {
    this.bytes = 0;
    for (const value of values) this.add(value);
  }
}

/** Roughly what a value takes in memory; exact enough for a limit. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length * 2 + 16;
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + sizeOf(one), 16);
  if (typeof value !== 'object' || value === null) return 16;
  const buffer = (value as { buffer?: Uint8Array }).buffer;
  if (buffer instanceof Uint8Array) return buffer.length + 32;
  if ('_bsontype' in value) return 32;
  return Object.entries(value).reduce((sum, [name, one]) => sum + name.length * 2 + sizeOf(one), 32);
}
