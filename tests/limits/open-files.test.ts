import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { startService } from '../support/service.js';
import { raw, type RawAnswer } from '../api/raw.js';

/** Node opens many at once while it loads the program. */
const OPEN_FILES = 512;

it('more connections than files may be open: some are refused, the service goes on, and says so once', async () => {
  const folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP ?? tmpdir(), 'claimline-files-'));
  chmodSync(folder, 0o755);
  const logFile = join(folder, 'service.log');
  const service = await startService({
    env: { DATA_DIR: join(folder, 'data'), PORT: '0', PROJECTOR_PROCESS: 'false' },
    logFile,
    openFiles: OPEN_FILES,
  });
  const sockets: Socket[] = [];
  let isOver = false;
  void service.ended.then(() => (isOver = true));
  try {
    const { port } = new URL(service.url);
    let closed = 0;
    for (let at = 0; at < 2 * OPEN_FILES; at++)
      sockets.push(
        connect(Number(port), '127.0.0.1')
          .on('error', () => {})
          .on('close', () => closed++)
          .resume(),
      );
    const ask = (path: string): Promise<RawAnswer | undefined> => raw(service, path).catch(() => undefined);
    // While it is full a request is told so, once one of the places for that is free.
    const refused = await until(
      () => ask('/v1/projections'),
      (answer) => answer?.status === 503,
    );
    expect(refused).toMatchObject({
      json: { type: 'urn:claimline:problem:too-many-connections' },
      headers: { connection: 'close', 'retry-after': '1' },
    });
    expect(
      await until(
        () => ask('/healthz'),
        (answer) => answer !== undefined,
      ),
    ).toMatchObject({ status: 200 });
    // Connections that ask for nothing are closed in the end, and then there is room.
    expect(
      await until(
        () => ask('/v1/projections'),
        (answer) => answer?.status === 200,
      ),
    ).toBeDefined();
    await until(
      async () => closed,
      (count) => count === sockets.length,
    );
    expect(isOver).toBe(false);
    const said = readFileSync(logFile, 'utf8').split('\n');
    expect(said.filter((line) => line.includes('all connections are in use'))).toHaveLength(1);
    expect(said.filter((line) => /EMFILE|PostgreSQL has died/.test(line))).toEqual([]);
  } finally {
    for (const socket of sockets) socket.destroy();
    service.signal('SIGTERM');
    await service.ended;
    const data = join(folder, 'data', 'postgres');
    rmSync(realpathSync(data), { recursive: true });
    rmSync(folder, { recursive: true });
  }
}, 180_000);

async function until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
  for (const end = Date.now() + 90_000; ; await sleep(50)) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > end) throw new Error(`it did not come to that; last seen: ${JSON.stringify(seen)}`);
  }
}
