import { inTurns, median, type Figure } from '../figure.js';
import type { Ground } from '../ground.js';
import { claimline } from './claimline.js';
import { copied } from './copied.js';
import { EVENTS, replayLog } from './log.js';

/** `claimline verify` of the whole log, against COPY TO of it. */
export async function verified(ground: Ground): Promise<Figure[]> {
  const database = await replayLog(ground);
  const mostMb: number[] = [];
  const verify = async () => {
    const run = await claimline(ground, database, ['verify']);
    mostMb.push(run.mostMb);
    return EVENTS / run.seconds;
  };
  const measured = await inTurns(ground.runs, verify, () => copied(database, EVENTS));
  return [
    {
      name: 'verify',
      what: '`claimline verify`, from its start to its end, against COPY TO of the log',
      unit: 'events/s',
      ...measured,
      aim: { of: 'ratio', atLeast: 0.35 },
      notes: { 'most memory, MB': median(mostMb).toFixed(0) },
    },
  ];
}
