import type { Socket } from 'node:net';
import { ADMIN_COMMANDS } from './commands/admin';
import type { Command } from './commands/command';
import { READ_COMMANDS } from './commands/read';
import { WRITE_COMMANDS } from './commands/write';
import type { Cursors } from './cursors';
import type { Engine } from './engine';
import { DuplicateKeyError } from './entries';
import { type Doc, StoreError } from './semantics';
import { Framer, type Message, ProtocolError, readMessage, writeAnswer } from './wire';

const COMMANDS: Record<string, Command> = { ...ADMIN_COMMANDS, ...READ_COMMANDS, ...WRITE_COMMANDS };

/** Serves one connection: a message, its answer, the next. What is wrong with one connection ends that one only. */
export async function serve(socket: Socket, connection: number, engine: Engine, cursors: Cursors): Promise<void> {
  const framer = new Framer();
  try {
    for await (const chunk of socket) {
      for (const frame of framer.push(chunk as Buffer)) {
        const message = readMessage(frame);
        const answer = await answerTo(message, { engine, cursors, connection });
        // A slow reader is waited for, so that its answers don't pile up here.
        if (!message.silent && !socket.write(answer)) await drained(socket);
      }
    }
  } catch (error) {
    if (!(error instanceof ProtocolError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
  } finally {
    cursors.endConnection(connection);
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

async function answerTo(
  message: Message,
  at: { engine: Engine; cursors: Cursors; connection: number },
): Promise<Buffer> {
  const { body } = message;
  const [name = ''] = Object.keys(body);
  try {
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) throw new StoreError(59, `no such command: '${name}'`);
    return writeAnswer(message, await command(body, { ...at, db: String(body['$db'] ?? 'admin') }));
  } catch (error) {
    return writeAnswer(message, failure(error));
  }
}

function failure(error: unknown): Doc {
  if (error instanceof StoreError) {
    const details =
      error instanceof DuplicateKeyError ? { keyPattern: error.keyPattern, keyValue: error.keyValue } : {};
    return { ok: 0, errmsg: error.message, code: error.code, codeName: error.codeName, ...details };
  }
  return { ok: 0, errmsg: error instanceof Error ? error.message : String(error), code: 1, codeName: 'InternalError' };
}
