import type { Figure } from '../figure.js';
import type { Ground } from '../ground.js';
import { claimline } from './claimline.js';
import { EVENTS, logOf } from './log.js';

const TIMES = 3;
const MOST_MB = 1024;

/** What memory the rebuilding process needs, at a million events and at three. */
export async function replayLarge(ground: Ground): Promise<Figure[]> {
  const [small, large] = [await rebuiltOnce(ground, EVENTS), await rebuiltOnce(ground, TIMES * EVENTS)];
  const said = (events: number) =>
    `most memory of \`claimline rebuild\`, ${events.toLocaleString('en-US')} events`;
  return [
    {
      name: 'rebuild-rss',
      what: said(EVENTS),
      unit: 'MB',
      ours: [small.mostMb],
      aim: { of: 'ours', atMost: MOST_MB },
      notes: { 'events/s': Math.round(EVENTS / small.seconds) },
    },
    {
      name: 'rebuild-rss-large',
      what: said(TIMES * EVENTS),
      unit: 'MB',
      ours: [large.mostMb],
      aim: { of: 'ours', atMost: MOST_MB },
      notes: { 'events/s': Math.round((TIMES * EVENTS) / large.seconds) },
    },
    {
      name: 'rebuild-rss-growth',
      what: 'the second in times of the first',
      unit: 'times',
      ours: [large.mostMb / small.mostMb],
      aim: { of: 'ours', atMost: 1.2 },
    },
  ];
}

async function rebuiltOnce(ground: Ground, events: number) {
  const database = await logOf(ground, events);
  const run = await claimline(ground, database, ['rebuild']);
  await database.drop();
  ground.say(`  ${events} events rebuilt in ${Math.round(run.seconds)} s, ${Math.round(run.mostMb)} MB`);
  return run;
}
