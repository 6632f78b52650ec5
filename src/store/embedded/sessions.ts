import { Binary } from 'bson';
import type { Doc } from './semantics';

/** As `hello` announces. */
const TIMEOUT_MS = 30 * 60_000;
const MOST = 10_000;

/** The drivers' sessions: they change nothing here, but a driver may ask which there are. */
export class Sessions {
  private readonly used = new Map<string, number>();

  /** Notes the `lsid` of a command. */
  note(lsid: unknown): void {
    const id = idOf(lsid);
    if (!id) return;
    this.used.delete(id);
    this.used.set(id, Date.now());
    const [oldest] = this.used.keys();
    if (this.used.size > MOST && oldest !== undefined) this.used.delete(oldest);
  }

  end(lsids: unknown[]): void {
    for (const lsid of lsids) this.used.delete(idOf(lsid) ?? '');
  }

  list(): Doc[] {
    const now = Date.now();
    const live = [...this.used].filter(([, at]) => now - at < TIMEOUT_MS);
    return live.map(([id, at]) => ({
      _id: { id: new Binary(Buffer.from(id, 'hex'), Binary.SUBTYPE_UUID), uid: new Binary(Buffer.alloc(0)) },
      lastUse: new Date(at),
    }));
  }
}

function idOf(lsid: unknown): string | null {
  const id = typeof lsid === 'object' && lsid !== null ? (lsid as Doc)['id'] : null;
  return id instanceof Binary ? Buffer.from(id.buffer.subarray(0, id.position)).toString('hex') : null;
}
