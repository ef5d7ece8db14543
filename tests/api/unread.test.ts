import { connect } from 'node:net';
import { expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { OpenStreams, streamText } from '#libs/http';
import { createLogger } from '#libs/platform';

it('an answer that nobody reads is ended', async () => {
  const server = fastify();
  const parts = {
    streams: new OpenStreams(),
    log: createLogger('silent'),
    writeTimeoutMs: 200,
  } satisfies Parameters<typeof streamText>[3];
  let ended!: () => void;
  const end = new Promise<void>((resolve) => (ended = resolve));
  async function* endless() {
    try {
      for (;;) yield 'x'.repeat(64 * 1024);
    } finally {
      ended();
    }
  }
  server.get('/', (_request, reply) => streamText(reply, {}, endless, parts, () => ''));
  await server.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((server.server.address() as { port: number }).port, '127.0.0.1', () =>
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n'),
  );
  socket.pause();
  const closed = new Promise<void>((resolve) => socket.on('error', () => {}).on('close', () => resolve()));
  await end;
  socket.resume();
  await closed;
  await server.close();
  expect(parts.streams).toEqual(new OpenStreams());
});
