import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, type Figure } from './figure.js';
import { filled } from './filled.js';
import type { Ground } from './ground.js';
import { end, runProgram, service } from './served.js';
import { statementsOf } from './statements.js';

const RATE = 1000;
const SECONDS = 6;
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
    const times = await runProgram<{ visible: Times; acknowledged: Times }>(
      'visible-load',
      serving.url,
      String(RATE),
      String(RATE * WARM_UP_SECONDS),
      file,
    );
    p99.push(times.visible.p99);
    p50.push(times.visible.p50);
    acknowledged.push(times.acknowledged.p99);
    await end(serving);
    await database.drop();
  }
  await source.drop();
  return {
    name,
    what:
      `POST to visible in GET (p99, from the moment it was due) at ${RATE} statements/s, ` +
      `every one followed by a GET with its token, all in one process${hot > 0 ? `; ${hot * 100} % of them about 40 places` : ''}`,
    unit: 'ms',
    ours: p99,
    ...(hot === 0 && { aim: { of: 'ours', atMost: 100 } as const }),
    notes: { 'p50, ms': median(p50).toFixed(1), 'acknowledged, p99, ms': median(acknowledged).toFixed(1) },
  };
}
