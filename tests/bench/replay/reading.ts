import { setTimeout as sleep } from 'node:timers/promises';
import { median, type Figure } from '../figure.js';
import type { Ground } from '../ground.js';
import { end, service } from '../served.js';
import type { Serving } from '../../support/service.js';
import { EVENTS, placesOf, replayLog } from './log.js';
import { steadily, type Steady } from './steadily.js';

const RATE = 100;
/** Without a rebuild it is asked for so long. */
const CALM_MS = 15_000;
const LOOK_MS = 200;

/** What readers notice of a rebuild: the p99 of GET while one is under way, in times of that without. */
export async function reading(ground: Ground): Promise<Figure[]> {
  const database = await replayLog(ground);
  const serving = await service(ground, database);
  const [calm, during]: [Steady[], Steady[]] = [[], []];
  await steadily(serving, RATE, placesOf(EVENTS), () => sleep(CALM_MS / 3));
  for (let run = 0; run < ground.runs; run++) {
    calm.push(await steadily(serving, RATE, placesOf(EVENTS), () => sleep(CALM_MS)));
    during.push(await steadily(serving, RATE, placesOf(EVENTS), () => rebuildOver(serving)));
  }
  await end(serving);
  const shown = (of: readonly Steady[]) =>
    [
      `p50 ${median(of.map(({ p50 }) => p50)).toFixed(1)}`,
      `p99 ${median(of.map(({ p99 }) => p99)).toFixed(1)}`,
      `most ${median(of.map(({ max }) => max)).toFixed(0)}`,
      `of ${of[0]!.requests} requests`,
    ].join(', ');
  return [
    {
      name: 'rebuild-get',
      what:
        `GET of a place (p99, from the moment it was due) at ${RATE} requests/s of a service that rebuilds ` +
        '(`POST /v1/replays`), in times of that without',
      unit: 'times',
      ours: during.map(({ p99 }, run) => p99 / calm[run]!.p99),
      aim: { of: 'ours', atMost: 2 },
      notes: { 'without, ms': shown(calm), 'during, ms': shown(during) },
    },
  ];
}

/** Asks for a rebuild, and waits until it is done. @throws where it failed */
async function rebuildOver({ url }: Serving): Promise<void> {
  const asked = await fetch(`${url}/v1/replays`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'rebuild' }),
  });
  if (asked.status !== 202) throw new Error(`POST /v1/replays: ${asked.status} ${await asked.text()}`);
  const { replayId } = (await asked.json()) as { replayId: string };
  for (;;) {
    const run = (await (await fetch(`${url}/v1/replays/${replayId}`)).json()) as { state: string };
    if (run.state === 'done') return;
    if (run.state !== 'waiting' && run.state !== 'running')
      throw new Error(`the rebuild did not end well: ${JSON.stringify(run)}`);
    await sleep(LOOK_MS);
  }
}
