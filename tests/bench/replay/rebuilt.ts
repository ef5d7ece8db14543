import { inTurns, median, type Figure } from '../figure.js';
import type { Database, Ground } from '../ground.js';
import { claimline } from './claimline.js';
import { copied } from './copied.js';
import { projectedLive } from './live.js';
import { EVENTS, logOf, replayLog } from './log.js';

/** Live projection takes long: a log of a fifth of the places, with as much said about each. */
const OF_LIVE = 5;

/** `claimline rebuild` of the whole log, against COPY TO of it, and against live projection. */
export async function rebuilt(ground: Ground): Promise<Figure[]> {
  const database = await replayLog(ground);
  const fewer = await logOf(ground, EVENTS / OF_LIVE);
  const mostMb: number[] = [];
  const rebuild = async (): Promise<number> => {
    const run = await claimline(ground, database, ['rebuild']);
    mostMb.push(run.mostMb);
    return EVENTS / run.seconds;
  };
  const lives: number[] = [];
  const { ours, limit } = await inTurns(ground.runs, rebuild, async () => {
    lives.push(await live(ground, fewer));
    return copied(database, EVENTS);
  });
  await fewer.drop();
  const unit = 'events/s';
  const size = `${EVENTS.toLocaleString('en-US')} events`;
  return [
    {
      name: 'rebuild',
      what: `\`claimline rebuild\` of ${size}, from its start to its end, against COPY TO of the log`,
      unit,
      ours,
      limit,
      aim: { of: 'ratio', atLeast: 0.15 },
      notes: { 'most memory, MB': median(mostMb).toFixed(0) },
    },
    {
      name: 'rebuild-vs-live',
      what: `the same, against \`start projector\` on ${(EVENTS / OF_LIVE).toLocaleString('en-US')} events, as much said about each place`,
      unit,
      ours,
      limit: lives,
      aim: { of: 'ratio', atLeast: 4 },
    },
  ];
}

async function live(ground: Ground, source: Database): Promise<number> {
  const database = await ground.database(source.name);
  const rate = await projectedLive(ground, database);
  await database.drop();
  return rate;
}
