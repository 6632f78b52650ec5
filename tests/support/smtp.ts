import { buffer } from 'node:stream/consumers';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';

export interface Received {
  from: string;
  /** Everybody in the envelope. */
  to: string[];
  raw: Buffer;
  mail: ParsedMail;
}

/** What the server says to the next message; `drop` hangs up after the final dot, `stall` never answers it. */
export type Mood = 'accept' | 'drop' | 'stall' | { code: number; text: string; at: 'rcpt' | 'data' };

export interface SmtpSink {
  url: string;
  received: Received[];
  /** Raw messages that it took in while it stalled. */
  stalled: string[];
  /** What it says from now on. */
  mood: Mood;
  close(): Promise<void>;
}

/** A real SMTP server that keeps what it is given and can be told to misbehave. */
export async function startSmtp(): Promise<SmtpSink> {
  const received: Received[] = [];
  const stalled: string[] = [];
  const sink: Pick<SmtpSink, 'mood'> = { mood: 'accept' };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onRcptTo: (_address, _session, done) => done(refusal(sink.mood, 'rcpt')),
    onData: async (stream, session, done) => {
      const raw = await buffer(stream);
      const { mood } = sink;
      if (mood === 'stall') {
        stalled.push(raw.toString());
        return;
      }
      if (mood !== 'drop' && typeof mood === 'object') return done(refusal(mood, 'data'));
      received.push({ ...envelopeOf(session), raw, mail: await simpleParser(raw) });
      if (mood === 'drop') return hangUp(server);
      done();
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as { port: number };
  return Object.assign(sink, {
    url: `smtp://127.0.0.1:${port}`,
    received,
    stalled,
    close: () =>
      new Promise<void>((resolve) => {
        hangUp(server);
        server.close(() => resolve());
      }),
  });
}

function refusal(mood: Mood, at: 'rcpt' | 'data'): Error | null {
  if (typeof mood !== 'object' || mood.at !== at) return null;
  return Object.assign(new Error(mood.text), { responseCode: mood.code });
}

function envelopeOf({ envelope }: SMTPServerSession): Pick<Received, 'from' | 'to'> {
  const from = envelope.mailFrom ? envelope.mailFrom.address : '';
  return { from, to: envelope.rcptTo.map(({ address }) => address) };
}

function hangUp(server: SMTPServer): void {
  const connections = (server as unknown as { connections: Set<{ _socket: { destroy(): void } }> }).connections;
  for (const connection of connections) connection._socket.destroy();
}
