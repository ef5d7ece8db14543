import { once } from 'node:events';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { freePort } from './ports.js';

/** A network that fails on request, between a client and a server on 127.0.0.1. */
export class TcpProxy {
  private server: Server | undefined;
  private stalled = false;
  private readonly lines = new Set<Line>();

  private constructor(
    /** Where clients connect to; it stays the same. */
    readonly port: number,
    /** Where new connections lead to; a server that has to know `port` first may come later. */
    public target: number,
  ) {}

  static async open(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(await freePort(), target);
    await proxy.listen();
    return proxy;
  }

  /** Connections break, new ones are refused. */
  async cut(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const line of this.lines) line.break();
    if (server !== undefined) await once(server.close(), 'close');
  }

  /** Connections stay, and new ones are taken, but nothing gets through; neither side notices the other's end. */
  stall(): void {
    this.stalled = true;
    for (const line of this.lines) line.pause();
  }

  /** After cut() or stall(): what was held back arrives, new connections get through. */
  async mend(): Promise<void> {
    this.stalled = false;
    for (const line of this.lines) line.pass();
    if (this.server === undefined) await this.listen();
  }

  async close(): Promise<void> {
    await this.cut();
  }

  private async listen(): Promise<void> {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (client) => {
      const line = new Line(client, this.target, () => this.lines.delete(line));
      this.lines.add(line);
      if (!this.stalled) line.pass();
    });
    this.server = server;
    await once(server.listen(this.port, '127.0.0.1'), 'listening');
  }
}

/** One connection through the proxy, at rest at first. */
class Line {
  private upstream: Socket | undefined;
  private passing = false;

  constructor(
    private readonly client: Socket,
    private readonly target: number,
    private readonly onEnd: () => void,
  ) {
    this.breakWith(client);
  }

  pass(): void {
    if (this.passing) return;
    this.passing = true;
    this.upstream ??= this.breakWith(connect({ port: this.target, host: '127.0.0.1', allowHalfOpen: true }));
    this.client.pipe(this.upstream).pipe(this.client);
  }

  pause(): void {
    this.passing = false;
    this.client.unpipe();
    this.upstream?.unpipe();
  }

  break(): void {
    this.client.destroy();
    this.upstream?.destroy();
    this.onEnd();
  }

  /** What happens to one end happens to the other. */
  private breakWith(socket: Socket): Socket {
    return socket
      .setNoDelay(true)
      .on('error', () => {})
      .once('close', () => this.break());
  }
}
