import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/**
 * What becomes of a request on its way: it passes; it is answered with a status by somebody else; the connection breaks
 * before it gets there; it gets there and the answer is lost, or half of it; nothing happens.
 */
export type Fate = 'pass' | number | 'cut' | 'lose' | 'half' | 'stall';

export interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** An HTTP server before a service, or one that answers itself, with a network that fails on request. */
export class Unsteady {
  readonly seen: Seen[] = [];
  fate: (request: Seen) => Fate = () => 'pass';
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((request, response) => void this.serve(request, response));

  private constructor(
    private readonly upstream:
      string | ((request: Seen) => { status?: number; headers?: Record<string, string>; body: unknown }),
  ) {
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  static async open(upstream: Unsteady['upstream']): Promise<Unsteady> {
    const unsteady = new Unsteady(upstream);
    unsteady.server.listen(0, '127.0.0.1');
    await once(unsteady.server, 'listening');
    return unsteady;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => {});
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const seen: Seen = {
      method: request.method!,
      path: request.url!,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    this.seen.push(seen);
    const fate = this.fate(seen);
    if (fate === 'stall') return;
    if (fate === 'cut') return void response.destroy();
    if (typeof fate === 'number')
      return void response.writeHead(fate, { 'content-type': 'text/plain' }).end('not now');
    if (typeof this.upstream === 'string') this.forward(seen, this.upstream, response, fate);
    else {
      const { status = 200, headers, body } = this.upstream(seen);
      if (fate === 'lose') return void response.destroy();
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(typeof body === 'string' ? body : JSON.stringify(body));
    }
  }

  private forward(
    { method, path, headers: { host: _host, ...headers }, body }: Seen,
    upstream: string,
    response: ServerResponse,
    fate: Fate,
  ): void {
    const sent = forward(
      `${upstream}${path}`,
      { method, headers: { ...headers, connection: 'close' } },
      (answer) => {
        if (fate === 'lose') {
          answer.resume().once('end', () => response.destroy());
          return;
        }
        response.writeHead(answer.statusCode!, answer.headers);
        if (fate === 'pass') answer.pipe(response);
        else
          // An empty answer has no half.
          answer
            .once('end', () => response.destroy())
            .once('data', (chunk: Buffer) => {
              response.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), () => response.destroy());
              answer.destroy();
            });
      },
    );
    sent.on('error', () => response.destroy()).end(body);
  }
}
