import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { createLogger, readSettings } from '#libs/platform';
import { createAdapter, problemOfHttp, sendProblem } from '../src/edge/http.js';

let server: FastifyInstance;
/** Those that the server has not destroyed. */
const open = new Set<Socket>();

beforeEach(async () => {
  const adapter = createAdapter(createLogger('silent'), { request: () => {} }, readSettings({}), {
    bodyTimeoutMs: 300,
  });
  server = adapter.getInstance();
  server.setErrorHandler((error, _request, reply) => sendProblem(reply, problemOfHttp(error)));
  server.post('/', (request) => ({ got: request.body }));
  server.get('/', () => ({ got: 'nothing' }));
  server.server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  server.server.closeAllConnections();
  await server.close();
});

/** Sends a text, closes nothing by itself, and resolves when the server has destroyed its side. @returns what it answered */
async function sends(text: string): Promise<string> {
  const { port } = server.server.address() as AddressInfo;
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {});
  let answer = '';
  client.on('data', (chunk) => (answer += String(chunk)));
  const ended = new Promise((resolve) => client.on('end', resolve).on('close', resolve));
  const accepted = once(server.server, 'connection') as Promise<[Socket]>;
  await once(client, 'connect');
  const [socket] = await accepted;
  client.write(text);
  if (!socket.destroyed) await once(socket, 'close');
  await ended;
  client.destroy();
  return answer;
}

const LONG = 'content-type: application/json\r\ncontent-length: 99999999\r\n\r\n{';

describe('connections of clients that do not close them', () => {
  it.each([
    ['what is not HTTP', 'GET / HTTP/9.9\r\nx\r\n\r\n', 400, 'request-malformed'],
    [
      'headers that are too large',
      `GET / HTTP/1.1\r\nhost: localhost\r\na: ${'x'.repeat(70_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
    [
      'a body that is too large by its length, and does not come',
      `POST / HTTP/1.1\r\nhost: localhost\r\n${LONG}`,
      413,
      'body-too-large',
    ],
    [
      'a body of a type that is not supported, which does not come',
      'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/csv\r\ncontent-length: 10\r\n\r\n',
      415,
      'media-type-unsupported',
    ],
    [
      'a body without a route, of any length, which does not come',
      'POST /x HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n',
      404,
      undefined,
    ],
    [
      'a body that does not come in time',
      'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{',
      408,
      'body-too-slow',
    ],
  ])('are closed after %s', async (_, text, status, code) => {
    const answer = await sends(text);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (code) expect(answer).toContain(`urn:claimline:problem:${code}`);
    expect(open.size).toBe(0);
  });

  it('go on after an answer that needed no body, once that has come', async () => {
    const { port } = server.server.address() as AddressInfo;
    const client = connect({ port, host: '127.0.0.1' });
    let answer = '';
    client.on('data', (chunk) => (answer += String(chunk)));
    const until = async (part: RegExp) => {
      while (!part.test(answer)) await once(client, 'data');
      answer = '';
    };
    client.write(
      'PUT / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n',
    );
    await until(/405 Method Not Allowed[^]*\r\n\r\n./);
    client.write('{}GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await until(/200 OK[^]*nothing/);
    client.destroy();
  });
});
