import { connect, type Socket } from 'node:net';

export interface Answer {
  status: number;
  body: string;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** One kept HTTP/1.1 connection with one request at a time: it works as little as possible, so that the server is measured. */
export class Wire {
  private waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  private received: Buffer = Buffer.alloc(0);
  private lost: Error | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.take(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail((this.lost = new Error('the server closed the connection'))));
  }

  static open(url: string): Promise<Wire> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => {
        socket.off('error', reject);
        resolve(new Wire(socket));
      });
      socket.once('error', reject);
    });
  }

  ask(request: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.lost) return reject(this.lost);
      this.waiting = { resolve, reject };
      this.socket.write(request);
    });
  }

  close(): void {
    this.waiting = undefined;
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    const end = this.received.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const head = this.received.toString('latin1', 0, end);
    const status = Number(head.slice(9, 12));
    const length = status === 304 ? 0 : Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? NaN);
    if (Number.isNaN(length)) return this.fail(new Error(`an answer without content-length: ${head}`));
    const from = end + END_OF_HEAD.length;
    if (this.received.length < from + length) return;
    const answer = { status, body: this.received.toString('utf8', from, from + length) };
    this.received = this.received.subarray(from + length);
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.resolve(answer);
  }

  private fail(error: Error): void {
    this.waiting?.reject(error);
    this.waiting = undefined;
  }
}

const authorization = (key: string) => key && `authorization: Bearer ${key}\r\n`;

/** @param accept the media type; with `ifNoneMatch`, the entity tag that the client has, and its key: each may be empty */
export const getRequest = (path: string, accept = '', ifNoneMatch = '', key = ''): Buffer =>
  Buffer.from(
    `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${accept && `accept: ${accept}\r\n`}` +
      `${ifNoneMatch && `if-none-match: ${ifNoneMatch}\r\n`}${authorization(key)}\r\n`,
  );

export function postRequest(path: string, body: string, key = ''): Buffer {
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${authorization(key)}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
