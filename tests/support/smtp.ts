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

/** What the server says to the next message; `drop` hangs up after the final dot, `stall` answers when it is released. */
export type Mood = 'accept' | 'drop' | 'stall' | { code: number; text: string; at: Stage };
type Stage = 'connect' | 'mail' | 'rcpt' | 'data';

export interface SmtpOptions {
  /** Offers STARTTLS, with smtp-server's self-made certificate. */
  tls?: boolean;
  /** Takes exactly this sign-in, in the clear too. */
  auth?: { user: string; pass: string };
  /** Port to come back on. */
  port?: number;
}

export interface SmtpSink {
  url: string;
  received: Received[];
  /** Raw messages that it took in while it stalled. */
  stalled: string[];
  /** Takes what it stalled with. */
  release(): void;
  /** Sessions so far, and how many of them were encrypted when a message came. */
  sessions: { all: number; encrypted: number };
  /** What it says from now on. */
  mood: Mood;
  close(): Promise<void>;
}

/** A real SMTP server that keeps what it is given and can be told to misbehave. */
export async function startSmtp({ tls, auth, port: fixedPort }: SmtpOptions = {}): Promise<SmtpSink> {
  const received: Received[] = [];
  const stalled: string[] = [];
  const waiting: (() => void)[] = [];
  const sessions = { all: 0, encrypted: 0 };
  const sink: Pick<SmtpSink, 'mood'> = { mood: 'accept' };
  const server = new SMTPServer({
    authOptional: !auth,
    allowInsecureAuth: true,
    disabledCommands: [...(tls ? [] : ['STARTTLS']), ...(auth ? [] : ['AUTH'])],
    logger: false,
    onAuth: (given, _session, done) => {
      const welcome = given.username === auth?.user && given.password === auth?.pass;
      return welcome ? done(null, { user: auth?.user }) : done(new Error('wrong password'));
    },
    onConnect: (_session, done) => {
      sessions.all += 1;
      done(refusal(sink.mood, 'connect'));
    },
    onMailFrom: (_address, _session, done) => done(refusal(sink.mood, 'mail')),
    onRcptTo: (_address, _session, done) => done(refusal(sink.mood, 'rcpt')),
    onData: async (stream, session, done) => {
      if (session.secure) sessions.encrypted += 1;
      const raw = await buffer(stream).catch(() => null);
      // The client hung up in the middle.
      if (!raw) return;
      const { mood } = sink;
      if (mood === 'stall') {
        stalled.push(raw.toString());
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      if (mood !== 'drop' && typeof mood === 'object') return done(refusal(mood, 'data'));
      received.push({ ...envelopeOf(session), raw, mail: await simpleParser(raw) });
      if (mood === 'drop') return hangUp(server);
      done();
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(fixedPort ?? 0, '127.0.0.1', resolve));
  const { port } = server.server.address() as { port: number };
  return Object.assign(sink, {
    url: `smtp://127.0.0.1:${port}`,
    received,
    stalled,
    release: () => {
      for (const go of waiting.splice(0)) go();
    },
    sessions,
    close: () =>
      new Promise<void>((resolve) => {
        hangUp(server);
        server.close(() => resolve());
      }),
  });
}

function refusal(mood: Mood, at: Stage): Error | null {
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
