import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { Activity } from './activity';
import { serve } from './connection';
import { Cursors } from './cursors';
import type { Engine } from './engine';
import { startExpiry } from './expiry';
import { Sessions } from './sessions';

export interface Listening {
  close(): Promise<void>;
}

const IDLE_CHECK_MS = 60_000;

/** Listens on the socket, for the user's own processes only. The caller owns the folder, so a file in the way is stale. */
export async function listen(engine: Engine, path: string): Promise<Listening> {
  const cursors = new Cursors();
  const sessions = new Sessions();
  const sockets = new Set<Socket>();
  const activity = new Activity();
  const server = createServer((socket) => {
    activity.accepted += 1;
    activity.connections += 1;
    sockets.add(socket);
    socket.on('close', () => {
      activity.connections -= 1;
      sockets.delete(socket);
    });
    socket.on('error', () => socket.destroy());
    void serve(socket, { engine, cursors, sessions, activity, connection: activity.accepted });
  });
  await open(server, path);
  const expiry = startExpiry(engine);
  const idle = setInterval(() => cursors.endIdle(Date.now()), IDLE_CHECK_MS);
  idle.unref();
  return {
    async close() {
      clearInterval(idle);
      expiry.stop();
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      await engine.close();
    },
  };
}

function open(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // The folder is 0700 already; the file follows before anybody can have connected to it.
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve();
    });
  });
}
