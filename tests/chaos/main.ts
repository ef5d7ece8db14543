// npm run chaos -- [--rounds 20] [--seed 1] [--writers 6]: kills the service at random moments, and looks what is left.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runChaos } from './chaos.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' }, seed: { type: 'string' }, writers: { type: 'string', default: '6' } } });
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const [rounds, writers] = [Number(values.rounds), Number(values.writers)];
if (![seed, rounds, writers].every((number) => Number.isInteger(number) && number >= 0)) throw new Error('--rounds, --seed and --writers take whole numbers');

const folder = mkdtempSync(join(tmpdir(), 'claimline-chaos-'));
// As root the server runs as another user, who has to get in.
chmodSync(folder, 0o755);
// Whatever happens to this process, what it has started ends, and its folder goes.
const janitor = spawn(process.execPath, [resolve('tests/support/janitor.mjs'), folder], { stdio: ['pipe', 'inherit', 'inherit'], detached: true });

console.log(`seed ${seed}: ${rounds} rounds, ${writers} writers`);
const report = await runChaos({ rounds, seed, writers, folder: join(folder, 'data'), say: console.log });
for (const fault of report.faults) console.log(`FAULT: ${fault}`);
console.log(
  `${report.faults.length === 0 ? 'all held' : 'FAILED'} (seed ${seed}): ${report.rounds} rounds, ${report.acknowledged} acknowledged, ${report.events} events, ${report.retries} sent again; ` +
    Object.entries(report.blows).map(([blow, times]) => `${blow} ${times}`).join(', '),
);
if (report.faults.length > 0) {
  process.exitCode = 1;
  for (const name of ['service.log', 'postgres.log']) {
    const log = join(folder, 'data', name);
    if (!existsSync(log)) continue;
    const kept = join(tmpdir(), `claimline-chaos-${seed}-${name}`);
    cpSync(log, kept);
    console.log(`kept ${kept}`);
  }
}
janitor.stdin.end();
await once(janitor, 'exit');
