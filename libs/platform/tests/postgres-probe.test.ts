import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { probeServer } from '../src/postgres/postgres-probe.js';

/** Takes connections, and says nothing. */
async function listening(): Promise<Server> {
  const server = createServer((socket) => void socket.on('error', () => {}).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const urlOf = (server: Server) =>
  `postgresql://claimline:x@127.0.0.1:${(server.address() as AddressInfo).port}/claimline`;

describe('a probe of a server', () => {
  it('that takes connections and does not answer in time finds it busy, not deaf: it may be us who are slow', async () => {
    const server = await listening();
    expect(await probeServer(urlOf(server))).toBe('busy');
    server.close();
  }, 20_000);

  it('that is not there finds it deaf', async () => {
    const server = await listening();
    const url = urlOf(server);
    server.close();
    await once(server, 'close');
    expect(await probeServer(url)).toBe('deaf');
  });
});
