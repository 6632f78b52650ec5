import type { Socket } from 'node:net';
import { ADMIN_COMMANDS } from './commands/admin';
import { collMod } from './commands/collmod';
import type { Command, Context } from './commands/command';
import { DIAGNOSTIC_COMMANDS } from './commands/diagnostics';
import { INDEX_COMMANDS } from './commands/indexes';
import { READ_COMMANDS } from './commands/read';
import { SERVER_COMMANDS } from './commands/server';
import { WRITE_COMMANDS } from './commands/write';
import { type Doc, StoreError } from './semantics';
import { Framer, type Message, ProtocolError, readMessage, writeAnswer } from './wire';

const COMMANDS: Record<string, Command> = {
  ...ADMIN_COMMANDS,
  collMod,
  ...DIAGNOSTIC_COMMANDS,
  ...INDEX_COMMANDS,
  ...READ_COMMANDS,
  ...SERVER_COMMANDS,
  ...WRITE_COMMANDS,
};

/** Serves one connection: a message, its answer, the next. What is wrong with one connection ends that one only. */
export async function serve(socket: Socket, at: Omit<Context, 'db'>): Promise<void> {
  const framer = new Framer();
  try {
    for await (const chunk of socket) {
      for (const frame of framer.push(chunk as Buffer)) {
        const message = readMessage(frame);
        const answer = await answerTo(message, at);
        // A slow reader is waited for, so that its answers don't pile up here.
        if (!message.silent && !socket.write(answer)) await drained(socket);
      }
    }
  } catch (error) {
    if (!(error instanceof ProtocolError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
  } finally {
    at.cursors.endConnection(at.connection);
    socket.destroy();
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve();
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}

async function answerTo(message: Message, at: Omit<Context, 'db'>): Promise<Buffer> {
  const { body } = message;
  const [name = ''] = Object.keys(body);
  at.sessions.note(body['lsid']);
  try {
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) throw new StoreError(59, `no such command: '${name}'`);
    const db = String(body['$db'] ?? 'admin');
    const from = performance.now();
    const answer = await command(body, { ...at, db });
    const target = body[name];
    at.activity.note(name, typeof target === 'string' ? `${db}.${target}` : null, performance.now() - from);
    return writeAnswer(message, answer);
  } catch (error) {
    return writeAnswer(message, failure(error));
  }
}

function failure(error: unknown): Doc {
  if (error instanceof StoreError) {
    return { ok: 0, errmsg: error.message, code: error.code, codeName: error.codeName, ...error.details };
  }
  return { ok: 0, errmsg: error instanceof Error ? error.message : String(error), code: 1, codeName: 'InternalError' };
}
