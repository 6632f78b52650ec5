import { createSocket } from 'node:dgram';
import { type Answer, decode, encode } from 'dns-packet';

/** Records by `name TYPE`; MX as `10 host`. */
export type Zone = Record<string, string[]>;

export interface DnsServer {
  /** `address:port`, as DNS_SERVERS takes it. */
  address: string;
  /** What it answers from now on. */
  zone: Zone;
  close(): Promise<void>;
}

/** A real DNS server that knows what the test tells it, and nothing else. */
export async function startDns(zone: Zone = {}): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const server = { zone };
  socket.on('message', (packet, { address, port }) => {
    const query = decode(packet);
    const [question] = query.questions ?? [];
    if (!question) return;
    const name = question.name.toLowerCase();
    const known = Object.keys(server.zone).some((key) => key.split(' ')[0] === name);
    const answers = (server.zone[`${name} ${question.type}`] ?? []).map((value) =>
      answerOf(name, question.type, value),
    );
    // RFC 2308: no such name, or a name that has no such record.
    const flags = 0x8180 + (known ? 0 : 3);
    socket.send(encode({ type: 'response', id: query.id ?? 0, flags, questions: [question], answers }), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return Object.assign(server, {
    address: `127.0.0.1:${socket.address().port}`,
    close: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  });
}

function answerOf(name: string, type: string, value: string): Answer {
  if (type === 'MX') {
    const [preference = '', exchange = ''] = value.split(' ');
    return { name, type, ttl: 1, data: { preference: Number(preference), exchange } };
  }
  // A long text travels in pieces of 255 bytes.
  if (type === 'TXT') return { name, type, ttl: 1, data: value.match(/.{1,255}/g) ?? [''] };
  return { name, type: type as 'A', ttl: 1, data: value };
}
