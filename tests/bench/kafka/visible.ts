import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, type Figure } from '../figure.js';
import { filled } from '../filled.js';
import type { Database, Ground } from '../ground.js';
import { end, runProgram, service } from '../served.js';
import { statementsOf } from '../statements.js';
import { SAMPLE } from './sample.js';

const RATE = 300;
const SECONDS = 30;
const WARM_UP_SECONDS = 5;
const PLACES = 2000;
/** As docker-compose.yml runs them. */
const APART = [['api'], ['recorder'], ['relay'], ['projector']];
const IN_ONE = [[]];

interface Times {
  p50: number;
  p99: number;
  max: number;
}

interface Seen {
  perSecond: number;
  sample: number;
  visible: Times;
  acknowledged: Times;
}

/** From the moment a statement should be produced to the answer of a GET that shows it. */
export async function kafkaVisible(ground: Ground): Promise<Figure[]> {
  const source = await filled(ground, { statements: 5000, places: PLACES, label: 'before', projected: true });
  const figures = [
    await seenIn(
      ground,
      source,
      APART,
      'kafka-visible',
      'api, recorder, relay and projector as processes of their own',
    ),
    await seenIn(ground, source, IN_ONE, 'kafka-visible-in-one', 'all parts in one process'),
  ];
  await source.drop();
  return figures;
}

async function seenIn(
  ground: Ground,
  source: Database,
  processes: string[][],
  name: string,
  how: string,
): Promise<Figure> {
  const runs: Seen[] = [];
  for (let run = 0; run < ground.runs; run++)
    runs.push(await once(ground, source, processes, `${name}-${run}`));
  const of = (times: (seen: Seen) => number) => median(runs.map(times));
  return {
    name,
    what:
      `produced to shown by GET /v1/statements/{id} (p99, from the moment it was due) at ${RATE} statements/s, ` +
      `one of ${SAMPLE} asked for every 20 ms; ${how}`,
    unit: 'ms',
    ours: runs.map(({ visible }) => visible.p99),
    aim: { of: 'ours', atMost: 200 },
    notes: {
      'p50, ms': of(({ visible }) => visible.p50).toFixed(1),
      'most, ms': of(({ visible }) => visible.max).toFixed(0),
      'acknowledged by the broker, p99, ms': of(({ acknowledged }) => acknowledged.p99).toFixed(1),
      'statements/s': of(({ perSecond }) => perSecond).toFixed(0),
      'asked for': of(({ sample }) => sample),
    },
  };
}

async function once(ground: Ground, source: Database, processes: string[][], label: string): Promise<Seen> {
  const broker = await ground.broker();
  const [database, topics] = [await ground.database(source.name), await broker.topics()];
  const servings = await Promise.all(processes.map((parts) => service(ground, database, parts, topics.env)));
  const file = join(ground.folder, 'kafka-visible');
  const statements = statementsOf(RATE * (SECONDS + WARM_UP_SECONDS), PLACES, label).map((one, at) =>
    at % SAMPLE === 0 ? { ...one, statementId: randomUUID() } : one,
  );
  writeFileSync(file, statements.map((one) => JSON.stringify(one)).join('\n'));
  const seen = await runProgram<Seen>(
    'kafka/visible-load',
    broker.bootstrap,
    topics.statements,
    servings[0]!.url,
    String(RATE),
    String(RATE * WARM_UP_SECONDS),
    file,
  );
  await Promise.all(servings.map(end));
  await database.drop();
  await topics.drop();
  return seen;
}
