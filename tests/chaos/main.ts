// npm run chaos -- [--rounds 20] [--seed 1] [--writers 6]: kills the service at random moments, and looks what is left.
// npm run chaos -- --faults disk,clock,dates,stop,cuts: faults of the world around it instead; `kills` are those above.
// npm run chaos -- --faults epoch [--rounds 20] [--seed 1]: the store goes back to a copy of some seconds ago, with Kafka where there is Java.
// npm run chaos -- --kafka [--rounds 16] [--seed 1] [--rate 300]: the same with Kafka; without a rate as fast as the machine can.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runChaos } from './chaos.js';
import { runEpochChaos } from './epoch/epoch-chaos.js';
import { runManyBlows } from './kafka/many-blows.js';
import { FAULTS, type Fault } from './target-service.js';
import { whyNot, WORLD_FAULTS, type WorldFault } from './world.js';

const whole = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    kafka: { type: 'boolean', default: false },
    rounds: whole,
    seed: whole,
    writers: whole,
    faults: whole,
    rate: whole,
  },
});
const numberOf = (name: 'rounds' | 'seed' | 'writers' | 'rate', otherwise: number) => {
  const number = Number(values[name] ?? otherwise);
  if (!Number.isInteger(number) || number < 0) throw new Error(`--${name} takes a whole number`);
  return number;
};
const seed = numberOf('seed', Math.floor(Math.random() * 2 ** 31));

const folder = mkdtempSync(join(tmpdir(), 'claimline-chaos-'));
// As root the server runs as another user, who has to get in.
chmodSync(folder, 0o755);
// Whatever happens to this process, what it has started ends, and its folder goes.
const janitor = spawn(process.execPath, [resolve('tests/support/janitor.mjs'), folder], {
  stdio: ['pipe', 'inherit', 'inherit'],
  detached: true,
});

const faults = values.kafka
  ? await withKafka()
  : values.faults === 'epoch'
    ? await runEpochChaos({
        rounds: numberOf('rounds', 20),
        seed,
        folder: join(folder, 'data'),
        say: console.log,
      })
    : await overHttp();
if (faults.length > 0) {
  process.exitCode = 1;
  for (const fault of faults) console.log(`FAULT: ${fault}`);
  keepLogs();
}
janitor.stdin.end();
await once(janitor, 'exit');

async function overHttp(): Promise<string[]> {
  const [rounds, writers] = [numberOf('rounds', 20), numberOf('writers', 6)];
  const befalling = faultsNamed(values.faults);
  console.log(`seed ${seed}: ${rounds} rounds, ${writers} writers`);
  const report = await runChaos({
    rounds,
    seed,
    writers,
    faults: befalling,
    folder: join(folder, 'data'),
    say: console.log,
  });
  console.log(
    `${report.faults.length === 0 ? 'all held' : 'FAILED'} (seed ${seed}): ${report.rounds} rounds, ` +
      `${report.acknowledged} acknowledged, ${report.events} events, ${report.retries} sent again; ` +
      Object.entries(report.blows)
        .map(([blow, times]) => `${blow} ${times}`)
        .join(', '),
  );
  return report.faults;
}

/** @throws Error that names what there is, or why a fault cannot be tried here */
function faultsNamed(text: string | undefined): (Fault | WorldFault)[] | undefined {
  return text?.split(',').flatMap((name): (Fault | WorldFault)[] => {
    if (name === 'kills') return [...FAULTS];
    const fault = WORLD_FAULTS.find((one) => one === name);
    if (!fault) throw new Error(`there is no fault "${name}": choose from kills, ${WORLD_FAULTS.join(', ')}`);
    const reason = whyNot(fault);
    if (reason !== undefined) throw new Error(`--faults ${fault}: ${reason}`);
    return [fault];
  });
}

async function withKafka(): Promise<string[]> {
  const rounds = numberOf('rounds', 16);
  console.log(`seed ${seed}: ${rounds} rounds with Kafka`);
  return runManyBlows({
    rounds,
    seed,
    rate: values.rate === undefined ? undefined : numberOf('rate', 300),
    folder,
    say: console.log,
  });
}

function keepLogs(): void {
  const kept = join(tmpdir(), `claimline-chaos-${seed}`);
  const logs = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.log') && !name.includes('/broker-') && existsSync(join(folder, name)),
  );
  for (const name of logs) cpSync(join(folder, name), join(kept, name), { recursive: true });
  console.log(`kept ${logs.length} logs in ${kept}`);
}
