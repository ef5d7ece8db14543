import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// jest loads this file outside its module system: '#libs/platform' is the built one here, and relative imports of
// TypeScript files do not resolve.
import { startEmbeddedPostgres } from '#libs/platform';

/** What the teardown has to end; handed over through `globalThis`, as jest recommends. */
export interface TestServer {
  stop(): Promise<void>;
}

/**
 * Starts one PostgreSQL for the whole run in a temporary folder, or takes the one of TEST_DATABASE_URL (the URL of a
 * superuser). Test files find it through tests/support/database.ts. CLAIMLINE_TEST_TMP is a folder for their own
 * servers and files, where whatever they leave behind is ended and removed. Of Kafka it only sees to it that a broker can
 * be started; see tests/support/kafka/test-broker.ts.
 */
export default async function globalSetup({ rootDir }: { rootDir: string }): Promise<void> {
  const { prepareKafka } = (await import(
    join(rootDir, 'dist/tests/support/kafka/prepare.js')
  )) as typeof import('./kafka/prepare.js');
  await prepareKafka((line) => console.error(line));
  const folder = mkdtempSync(join(fastFolder(), 'claimline-test-'));
  // As root the server runs as another user, who has to get in.
  chmodSync(folder, 0o755);
  const janitor = spawn(process.execPath, [join(rootDir, 'tests/support/janitor.mjs'), folder], {
    stdio: ['pipe', 'inherit', 'inherit'],
    detached: true,
  });
  janitor.unref();
  const { TEST_DATABASE_URL: own = '' } = process.env;
  try {
    const server =
      own === ''
        ? await startEmbeddedPostgres({ dataDir: folder, durable: false, maxConnections: 200 })
        : undefined;
    process.env.CLAIMLINE_TEST_RUN = randomBytes(4).toString('hex');
    process.env.CLAIMLINE_TEST_TMP = folder;
    process.env.CLAIMLINE_TEST_ADMIN_URL = server?.url ?? own;
    const stop = async () => {
      await server?.stop();
      await dismiss(janitor);
    };
    (globalThis as { testServer?: TestServer }).testServer = { stop };
  } catch (error) {
    await dismiss(janitor);
    throw error;
  }
}

// Cloning a database makes some 300 files: in memory 15 ms, on a slow disk 300 ms.
function fastFolder(): string {
  try {
    const { bsize, bavail } = statfsSync('/dev/shm');
    if (bsize * bavail > 2 ** 31) return '/dev/shm';
  } catch {
    // Not on Linux.
  }
  return tmpdir();
}

async function dismiss(janitor: ChildProcess): Promise<void> {
  janitor.ref();
  const gone = once(janitor, 'exit');
  janitor.stdin?.end();
  await gone;
}
