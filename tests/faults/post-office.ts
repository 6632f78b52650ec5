import { buffer } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { Line } from './lines';
import type { Chance } from './random';

/** A message that the mail server took. */
export interface Acceptance {
  messageId: string;
  to: string;
  at: number;
  /** Which worker's line it came by. */
  line: number;
  /** False: it hung up after the final dot instead of saying so. */
  told: boolean;
}

type Mood = { at: 'rcpt' | 'data'; code: number } | 'drop' | 'stall' | 'accept';

/** What it says to one message in so many. */
const MOODS: readonly (readonly [weight: number, mood: Mood])[] = [
  [88, 'accept'],
  [2, { at: 'rcpt', code: 421 }],
  [2, { at: 'rcpt', code: 450 }],
  [2, { at: 'data', code: 452 }],
  [1, { at: 'rcpt', code: 550 }],
  [1, { at: 'data', code: 552 }],
  [3, 'drop'],
  [1, 'stall'],
];

/** A real SMTP server in a bad mood, behind one line for each worker. */
export class PostOffice {
  readonly accepted: Acceptance[] = [];
  /** How often it said each code, and hung up, and said nothing. */
  readonly said: Record<string, number> = {};
  /** Addresses that were refused for good. */
  readonly refused = new Set<string>();
  readonly lines: Line[] = [];
  calm = false;
  private readonly server: SMTPServer;
  private readonly lineOf = new Map<number, number>();
  private readonly moods = new Map<SMTPServerSession, Mood>();

  private constructor(private readonly chance: Chance) {
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      logger: false,
      onRcptTo: ({ address }, session, done) => {
        const mood = this.calm ? 'accept' : this.chance.pick(MOODS);
        this.moods.set(session, mood);
        done(this.refusal(mood, 'rcpt', address));
      },
      onData: async (stream, session, done) => {
        const raw = await buffer(stream).catch(() => null);
        // The line was cut in the middle.
        if (raw) this.judge(raw, session, done);
      },
      onClose: (session) => void this.moods.delete(session),
    });
    this.server.on('error', () => undefined);
  }

  static async open(chance: Chance, workers: number): Promise<PostOffice> {
    const office = new PostOffice(chance);
    await new Promise<void>((resolve) => office.server.listen(0, '127.0.0.1', resolve));
    const { port } = office.server.server.address() as { port: number };
    for (let n = 0; n < workers; n += 1) {
      office.lines.push(await Line.open(port, (from) => void office.lineOf.set(from, n)));
    }
    return office;
  }

  async close(): Promise<void> {
    for (const line of this.lines) line.close();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private judge(raw: Buffer, session: SMTPServerSession, done: (error?: Error | null) => void): void {
    const mood = this.moods.get(session) ?? 'accept';
    const to = session.envelope.rcptTo[0]?.address ?? '';
    const line = this.lineOf.get(session.remotePort) ?? -1;
    const refusal = this.refusal(mood, 'data', to);
    if (mood === 'stall') this.count('stall');
    else if (refusal) done(refusal);
    else this.take(raw, { to, line, told: mood !== 'drop' }, session, done);
  }

  private take(
    raw: Buffer,
    how: Pick<Acceptance, 'to' | 'line' | 'told'>,
    session: SMTPServerSession,
    done: () => void,
  ): void {
    const [, messageId = ''] = /^message-id: (<[^>]+>)/im.exec(raw.subarray(0, 8192).toString('latin1')) ?? [];
    this.accepted.push({ messageId, at: Date.now(), ...how });
    if (how.told) done();
    else {
      this.count('drop');
      this.hangUp(session);
    }
  }

  private refusal(mood: Mood, at: 'rcpt' | 'data', to: string): Error | null {
    if (typeof mood !== 'object' || mood.at !== at) return null;
    this.count(String(mood.code));
    if (mood.code >= 500) this.refused.add(to);
    return Object.assign(new Error('so it is'), { responseCode: mood.code });
  }

  private count(what: string): void {
    this.said[what] = (this.said[what] ?? 0) + 1;
  }

  private hangUp({ id }: SMTPServerSession): void {
    const connections = this.server as unknown as { connections: Set<{ id: string; _socket: { destroy(): void } }> };
    for (const connection of connections.connections) if (connection.id === id) connection._socket.destroy();
  }
}
