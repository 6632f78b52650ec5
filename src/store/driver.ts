import { createRequire } from 'node:module';

/** What we touch of mongodb's `Connection`: private, so looked at before it is used. */
interface DriverConnection {
  socket: { emit(event: 'drain'): boolean };
  cleanup(error: Error): void;
}

/**
 * Makes a command that meets a store just killed fail at once. mongodb (7.8, 7.9) sends a command, sees that the socket
 * takes no more and waits for `drain`; a socket that is being destroyed says neither `drain` nor `error` any more, so the
 * command, or the monitor's greeting, waits for ever: nobody looks for the store again, and every query fails while it is
 * long back (found by tests/faults). The driver knows that such a connection is broken once it cleans it up: there we say
 * `drain`, whoever waits goes on, looks, and fails with the connection's error. Once per process is enough.
 * @throws when the driver has no such function any more: then look whether this is still needed
 */
export function mendDriver(): void {
  const { prototype } = createRequire(__filename)('mongodb/lib/cmap/connection').Connection as {
    prototype: DriverConnection;
  };
  const cleanup = prototype.cleanup;
  if (typeof cleanup !== 'function') throw new Error('mongodb has changed: Connection.cleanup is gone');
  if (cleanup.name === mended.name) return;

  function mended(this: DriverConnection, error: Error): void {
    cleanup.call(this, error);
    this.socket.emit('drain');
  }
  prototype.cleanup = mended;
}
