// npm run clients -- [name ...]: makes a client with each generator, compiles it, and has it use a service.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startService } from '../support/service.js';
import { clients } from './clients.js';
import { documentOf, tryClient, whyNot, type ClientName } from './trying.js';

const names = Object.keys(clients) as ClientName[];
const asked = process.argv.slice(2);
const unknown = asked.filter((one) => !(one in clients));
if (unknown.length > 0) {
  console.error(`No such client: ${unknown.join(', ')}. There are: ${names.join(', ')}`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'claimline-clients-'));
// As root the server runs as another user, who has to get in.
chmodSync(folder, 0o755);
// Whatever happens to this process, what it has started ends, and its folder goes.
const janitor = spawn(process.execPath, [resolve('tests/support/janitor.mjs'), folder], {
  stdio: ['pipe', 'inherit', 'inherit'],
  detached: true,
});

const counts = { passed: 0, failed: 0, skipped: 0 };
try {
  const service = await startService({
    env: { PORT: '0', DATA_DIR: join(folder, 'data') },
    logFile: join(folder, 'service.log'),
  });
  const document = await documentOf(service.url, folder);
  for (const name of asked.length > 0 ? (asked as ClientName[]) : names)
    await attempt(name, service.url, document);
  service.signal('SIGTERM');
  await service.ended;
} catch (error) {
  console.error((error as Error).message);
  counts.failed += 1;
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;
janitor.stdin.end();
await once(janitor, 'exit');

async function attempt(name: ClientName, url: string, document: string): Promise<void> {
  const reason = whyNot(name);
  if (reason !== undefined) {
    counts.skipped += 1;
    return console.log(`skipped  ${name}: ${reason}`);
  }
  const started = Date.now();
  const took = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  try {
    await tryClient(name, url, document, folder);
    counts.passed += 1;
    console.log(`passed   ${name}: made, compiled and used in ${took()}`);
  } catch (error) {
    counts.failed += 1;
    console.log(`FAILED   ${name} after ${took()}: ${(error as Error).message}`);
  }
}
