// Ends the test servers and removes their folder when whoever started this closes the pipe to it, or dies: even jest
// killed with -9 leaves nothing behind. The folder may hold a server itself (postgres/), and folders of others; brokers of
// Kafka at any depth.
import { readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { endBrokers } from './kafka/end-brokers.mjs';

const folder = process.argv[2];

process.stdin.resume();
process.stdin.on('error', () => {});
process.stdin.once('close', () => void cleanUp());

async function cleanUp() {
  const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  await Promise.all([
    endBrokers(folder),
    ...[folder, ...inside.map(({ name }) => join(folder, name))].map(endServer),
  ]);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(0);
}

async function endServer(home) {
  try {
    const data = realpathSync(join(home, 'postgres'));
    // As in the file now: the server may have been restarted.
    const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(pid, 'SIGQUIT');
    for (let waited = 0; waited < 10_000; waited += 20) {
      process.kill(pid, 0);
      await sleep(20);
    }
  } catch {
    // There is none, or it is gone now.
  }
}
