import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '../copy.js';
import { filled } from '../filled.js';
import type { Figure } from '../figure.js';
import type { Ground } from '../ground.js';
import { rssMb } from '../rss.js';
import { end, runProgram, service } from '../served.js';
import { getRequest, Wire } from '../wire.js';
import { stagesOf, type Stages } from './progress.js';

const STATEMENTS = Number(process.env.BENCH_KAFKA_LARGE ?? 1_000_000);
const PLACES = Math.min(50_000, STATEMENTS / 20);
const LOOK_MS = 500;
/** Questions to the API with each look: it shall do something. */
const QUESTIONS = 10;

const PARTS = ['recorder', 'relay', 'projector', 'api'] as const;
type Part = (typeof PARTS)[number];
/** The measure of a part's progress. The API answers until the last is done. */
const STAGE = {
  recorder: 'recorded',
  relay: 'relayed',
  projector: 'projected',
  api: 'projected',
} as const satisfies Record<Part, keyof Stages>;

interface Look {
  seconds: number;
  stages: Stages;
  mb: Record<Part, number>;
}

/** 1 million statements of a topic through recorder, relay and projector at full speed: the memory of each, first and last. */
export async function kafkaLarge(ground: Ground): Promise<Figure[]> {
  const broker = await ground.broker();
  const [database, topics] = [
    await filled(ground, { statements: 0, places: PLACES, label: '', projected: true }),
    await broker.topics(),
  ];
  const { perSecond } = await runProgram<{ perSecond: number }>(
    'kafka/fill-topic',
    broker.bootstrap,
    topics.statements,
    String(STATEMENTS),
    String(PLACES),
  );
  ground.say(`  ${STATEMENTS} statements produced, ${Math.round(perSecond)}/s, the making of them included`);
  const looks = await withClient(database.url, async (client) => {
    const started = await Promise.all(
      PARTS.map(async (part) => [part, await service(ground, database, [part], topics.env)] as const),
    );
    const servings = Object.fromEntries(started) as Record<Part, (typeof started)[number][1]>;
    const wire = await Wire.open(servings.api.url);
    const taken: Look[] = [];
    const begin = performance.now();
    for (;;) {
      const mb = Object.fromEntries(PARTS.map((part) => [part, rssMb(servings[part].pid)])) as Look['mb'];
      const look = { seconds: (performance.now() - begin) / 1000, stages: await stagesOf(client), mb };
      taken.push(look);
      if (taken.length % 60 === 0)
        ground.say(`  ${look.seconds.toFixed(0)} s: ${JSON.stringify(look.stages)}`);
      if (look.stages.projected >= STATEMENTS + PLACES) break;
      for (let at = 0; at < QUESTIONS; at++)
        await wire.ask(getRequest(`/v1/locations/war-${Math.floor(Math.random() * PLACES)}`));
      await sleep(LOOK_MS);
    }
    wire.close();
    await Promise.all(started.map(([, serving]) => end(serving)));
    return taken;
  });
  await database.drop();
  await topics.drop();
  return PARTS.map((part) => figureOf(part, looks));
}

function figureOf(part: Part, looks: readonly Look[]): Figure {
  const reached = ({ stages }: Look) => stages[STAGE[part]];
  const [from, to] = [reached(looks[0]!), reached(looks.at(-1)!)];
  const at = (look: Look) => (reached(look) - from) / (to - from);
  const first = looks.filter((look) => at(look) <= 0.25);
  const done = looks.findIndex((look) => at(look) >= 1);
  const last = looks.slice(0, done + 1).filter((look) => at(look) >= 0.75);
  const most = (of: readonly Look[]) => Math.max(...of.map(({ mb }) => mb[part]));
  return {
    name: `kafka-rss-${part}`,
    what:
      `most memory of the ${part} in the last quarter of ${STATEMENTS.toLocaleString('en-US')} statements, ` +
      "in times of the first quarter's",
    unit: 'times',
    ours: [most(last) / most(first)],
    aim: { of: 'ours', atMost: 1.2 },
    notes: {
      'first quarter, MB': most(first).toFixed(0),
      'last quarter, MB': most(last).toFixed(0),
      'events/s': Math.round((to - from) / (looks[done]!.seconds - looks[0]!.seconds)),
    },
  };
}
