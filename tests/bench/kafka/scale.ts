import { cpus } from 'node:os';
import type { Message } from 'kafkajs';
import { filled } from '../filled.js';
import { median, shown, type Figure } from '../figure.js';
import type { Database, Ground } from '../ground.js';
import { statementsOf } from '../statements.js';
import { batchesOf } from './bench-broker.js';
import { drain, type Drained, type DrainingPart } from './drained.js';
import { limitOf } from './limit-of.js';
import { relayed } from './relayed.js';
import { statementMessage } from './statement-messages.js';

/** BENCH_SCALE: statements in the topic. */
const STATEMENTS = Number(process.env.BENCH_SCALE ?? 60_000);
const PLACES = Math.min(5000, Math.ceil(STATEMENTS / 10));
/** The numbers of processes. */
const COUNTS = [1, 2, 4];

/** 1, 2 and 4 projectors, then recorders: how fast they work a topic off, what they cost, and why more of them are no faster. */
export async function scale(ground: Ground): Promise<Figure[]> {
  const recorded = await filled(ground, {
    statements: STATEMENTS,
    places: PLACES,
    label: 'scale',
    projected: false,
  });
  const events = await relayed(ground, recorded);
  const projectors = await measured(ground, recorded, events, 'projector');
  await recorded.drop();
  const empty = await filled(ground, { statements: 0, places: PLACES, label: '', projected: true });
  const statements = [...batchesOf(statementsOf(STATEMENTS, PLACES, 'scale').map(statementMessage), 1000)];
  const recorders = await measured(ground, empty, statements, 'recorder');
  await empty.drop();
  return [...figuresOf('projector', projectors), ...figuresOf('recorder', recorders)];
}

/** Turns with each number of processes, the one that begins changing. */
async function measured(
  ground: Ground,
  source: Database,
  batches: readonly Message[][],
  part: DrainingPart,
): Promise<Map<number, Drained[]>> {
  const turns = new Map<number, Drained[]>(COUNTS.map((count) => [count, []]));
  for (let run = 0; run < ground.runs; run++)
    for (const count of run % 2 === 0 ? COUNTS : COUNTS.toReversed()) {
      const drained = await drain(ground, source, batches, part, count);
      ground.say(`  ${count} ${part}(s): ${Math.round(drained.perSecond)}/s`);
      turns.get(count)!.push(drained);
    }
  return turns;
}

function figuresOf(part: DrainingPart, turns: ReadonlyMap<number, readonly Drained[]>): Figure[] {
  const rates = (count: number) => turns.get(count)!.map(({ perSecond }) => perSecond);
  const of = (count: number, key: 'perSecond' | 'nodeUs' | 'postgresUs' | 'busyCores') =>
    median(turns.get(count)!.map((one) => one[key]));
  const typical = (count: number) => turns.get(count)!.at(-1)!;
  const limit = limitOf(
    COUNTS.map((count) => ({
      processes: count,
      perSecond: of(count, 'perSecond'),
      nodeCores: (of(count, 'perSecond') * of(count, 'nodeUs')) / 1e6,
      busyCores: of(count, 'busyCores'),
      doing: typical(count).doing,
    })),
    cpus().length,
  );
  return COUNTS.map((count) => ({
    name: `scale-${part}s-${count}`,
    what:
      count === 1
        ? `one ${part} process works off a topic of ${STATEMENTS.toLocaleString('en-US')} messages about ${PLACES} places`
        : `${count} of them, against one`,
    unit: `${part === 'recorder' ? 'statements' : 'events'}/s`,
    ours: rates(count),
    ...(count > 1 && { limit: rates(1) }),
    notes: {
      'CPU each, us': `Node ${shown(of(count, 'nodeUs'))}, PostgreSQL ${shown(of(count, 'postgresUs'))}`,
      'cores busy, with broker and bench': `${of(count, 'busyCores').toFixed(2)} of ${cpus().length}`,
      'sessions in a transaction': [...typical(count).doing]
        .slice(0, 4)
        .map(([doing, share]) => `${doing} ${(share * 100).toFixed(0)} %`)
        .join(', '),
      ...(count === COUNTS.at(-1) && { 'stops to grow': limit }),
    },
  }));
}
