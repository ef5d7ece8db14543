import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, type Figure } from './figure.js';
import { filled } from './filled.js';
import type { Ground } from './ground.js';
import { end, runProgram, service } from './served.js';
import { statementsOf } from './statements.js';
import { committed, cpuWithChildren } from './work.js';

/** BENCH_RATE: statements a second. */
const RATE = Number(process.env.BENCH_RATE ?? 1000);
/** BENCH_SECONDS: how long it lasts. */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 6);
const WARM_UP_SECONDS = 3;
const PLACES = 2000;

interface Times {
  p50: number;
  p99: number;
  max: number;
}

/** From the moment a statement should be sent to the answer of a GET that shows it, at 1,000 statements a second. */
export async function visible(ground: Ground): Promise<Figure[]> {
  return [await at(ground, 'visible', 0), await at(ground, 'visible-hot', 0.3)];
}

async function at(ground: Ground, name: string, hot: number): Promise<Figure> {
  const source = await filled(ground, {
    statements: 5000,
    places: PLACES,
    label: 'before',
    projected: true,
    hot,
  });
  const p99: number[] = [];
  const p50: number[] = [];
  const acknowledged: number[] = [];
  const atLast: number[] = [];
  const transactions: number[] = [];
  let cpu = '';
  for (let run = 0; run < ground.runs; run++) {
    const database = await ground.database(source.name);
    const serving = await service(ground, database);
    const file = join(ground.folder, 'visible');
    writeFileSync(
      file,
      statementsOf(RATE * (SECONDS + WARM_UP_SECONDS), PLACES, `visible-${run}`, hot)
        .map((one) => JSON.stringify(one))
        .join('\n'),
    );
    const before = await cpuUs(serving.url, ground);
    const commits = await committed(database.url);
    const times = await runProgram<{
      visible: Times;
      visibleAtLast: Times;
      acknowledged: Times;
      cpuUs: number;
    }>('visible-load', serving.url, String(RATE), String(RATE * WARM_UP_SECONDS), file);
    p99.push(times.visible.p99);
    p50.push(times.visible.p50);
    acknowledged.push(times.acknowledged.p99);
    atLast.push(times.visibleAtLast.p99);
    const sent = RATE * (SECONDS + WARM_UP_SECONDS);
    transactions.push(((await committed(database.url)) - commits) / sent);
    cpu = [...(await cpuUs(serving.url, ground))]
      .map(([part, us]) => `${part} ${((us - (before.get(part) ?? 0)) / sent).toFixed(0)}`)
      .concat(`load ${times.cpuUs.toFixed(0)}`)
      .join(', ');
    await end(serving);
    await database.drop();
  }
  await source.drop();
  return {
    name,
    what:
      `POST to visible in GET (p99, from the moment it was due) at ${RATE} statements/s, ` +
      `every one followed by a GET with its token, to \`start\`${hot > 0 ? `; ${hot * 100} % of them about 40 places` : ''}`,
    unit: 'ms',
    ours: p99,
    aim: { of: 'ours', atMost: 150 },
    notes: {
      'p50, ms': median(p50).toFixed(1),
      'p99 of the last third, ms': median(atLast).toFixed(1),
      'acknowledged, p99, ms': median(acknowledged).toFixed(1),
      'CPU a statement, us': cpu,
      'transactions a statement': median(transactions).toFixed(2),
    },
  };
}

/** The CPU time of each process of a service, and of the database server, so far, by its part, in microseconds. */
async function cpuUs(url: string, { serverPid }: Ground): Promise<Map<string, number>> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const ofParts = [...metrics.matchAll(/^process_cpu_seconds_total(?:\{part="(\w+)"\})? (\S+)$/gm)].map(
    ([, part = 'service', seconds]): [string, number] => [part, Number(seconds) * 1e6],
  );
  return new Map([...ofParts, ['database', cpuWithChildren(serverPid) * 1e6]]);
}
