import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A worker's line to the mail server, which can be cut, be down, and be slow. */
export class Line {
  /** ms that every piece takes longer, either way. */
  lag = 0;
  down = false;
  port = 0;
  private readonly server: Server;
  private readonly pairs = new Set<[Socket, Socket]>();

  /** @param isMine told the port by which each connection arrives at the mail server */
  private constructor(
    private readonly to: number,
    private readonly isMine: (port: number) => void,
  ) {
    this.server = createServer((client) => this.take(client));
  }

  static async open(to: number, isMine: (port: number) => void): Promise<Line> {
    const line = new Line(to, isMine);
    await new Promise<void>((resolve) => line.server.listen(0, '127.0.0.1', resolve));
    line.port = (line.server.address() as { port: number }).port;
    return line;
  }

  cut(): void {
    for (const pair of this.pairs) for (const end of pair) end.destroy();
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  private take(client: Socket): void {
    if (this.down) {
      client.destroy();
      return;
    }
    const office = connect(this.to, '127.0.0.1', () => this.isMine(office.localPort ?? 0));
    const pair: [Socket, Socket] = [client, office];
    this.pairs.add(pair);
    this.pass(client, office);
    this.pass(office, client);
    for (const end of pair) {
      end.on('error', () => undefined);
      end.on('close', () => {
        this.pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
  }

  /** In order, whatever the lag was when each piece came. */
  private pass(from: Socket, to: Socket): void {
    let before = Promise.resolve();
    from.on('data', (piece) => {
      const { lag } = this;
      before = before.then(async () => {
        if (lag > 0) await pause(lag);
        if (!to.destroyed) to.write(piece);
      });
    });
  }
}
