import { RulesetStore } from '#libs/log';
import { createPool } from '#libs/platform';
import { rebuild } from '#libs/projection';
import { median, type Figure } from './figure.js';
import { appendAll } from './filled.js';
import type { Ground } from './ground.js';
import { Random } from '../support/random.js';
import { rssMb } from './rss.js';
import { end, load, service, type Load } from './served.js';
import { openWithPlaces, statementsOf } from './statements.js';
import type { Serving } from '../support/service.js';

const PART = 50_000;
const CONNECTIONS = 16;

interface Size {
  places: number;
  state: Load;
  timeline: Load;
  list: Load;
  rssMb: number;
  rebuildSeconds: number;
  appended: number;
}

/** 1 million events over 50,000 places, beside 100,000 events over 5,000: what answers cost, and what memory. */
export async function large(ground: Ground): Promise<Figure[]> {
  const [small, big] = [await measure(ground, 5000, 100_000), await measure(ground, 50_000, 1_000_000)];
  const slower = (of: (size: Size) => Load) => [of(small).perSecond / of(big).perSecond];
  const times = (of: (size: Size) => Load) => ({
    '100,000 events': shown(of(small)),
    '1,000,000 events': shown(of(big)),
  });
  return [
    {
      name: 'large-get',
      what: 'GET of a location at 1,000,000 events, in times of what it takes at 100,000',
      unit: 'times',
      ours: slower(({ state }) => state),
      aim: { of: 'ours', atMost: 1.5 },
      notes: times(({ state }) => state),
    },
    {
      name: 'large-timeline',
      what: 'a page of a timeline, likewise',
      unit: 'times',
      ours: slower(({ timeline }) => timeline),
      aim: { of: 'ours', atMost: 1.5 },
      notes: times(({ timeline }) => timeline),
    },
    {
      name: 'large-list',
      what: 'a page of 50 places by name, from anywhere, likewise',
      unit: 'times',
      ours: slower(({ list }) => list),
      notes: times(({ list }) => list),
    },
    {
      name: 'large-rss-small',
      what: 'most memory of the service under these loads and 20,000 POSTs, 100,000 events',
      unit: 'MB',
      ours: [small.rssMb],
      aim: { of: 'ours', atMost: 400 },
    },
    {
      name: 'large-rss',
      what: 'the same, 1,000,000 events',
      unit: 'MB',
      ours: [big.rssMb],
      aim: { of: 'ours', atMost: 400 },
      notes: { 'append, events/s': Math.round(big.appended), 'rebuild, s': Math.round(big.rebuildSeconds) },
    },
  ];
}

const shown = ({ perSecond, p50, p99 }: Load) =>
  `${Math.round(perSecond)}/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;

async function measure(ground: Ground, places: number, events: number): Promise<Size> {
  const database = await ground.database();
  const pool = createPool(database.url, { max: 10 });
  const { store } = await openWithPlaces(pool, places);
  let begin = performance.now();
  const parts = (events - places) / PART;
  for (let part = 0; part < parts; part++)
    await appendAll(store, Math.min(PART, events - places - part * PART), places, `large-${places}-${part}`);
  const appended = (events * 1000) / (performance.now() - begin);
  ground.say(`  ${events} events appended, ${Math.round(appended)}/s, the making of them included`);
  begin = performance.now();
  await new RulesetStore(pool).remember(ground.ruleset.file);
  await rebuild(pool, store, ground.ruleset);
  const rebuildSeconds = (performance.now() - begin) / 1000;
  ground.say(`  rebuilt in ${Math.round(rebuildSeconds)} s`);
  await pool.query('vacuum analyze');
  await pool.end();

  const serving = await service(ground, database);
  const memory = watchMemory(serving);
  const random = new Random(places);
  const some = (count: number, path: (at: number) => string) =>
    Array.from({ length: count }, () => path(random.int(0, places - 1)));
  const three = async (count: number, path: (at: number) => string): Promise<Load> => {
    const warm = await load(ground, serving, CONNECTIONS, some(count, path));
    const loads = [warm];
    for (let run = 0; run < 3; run++) loads.push(await load(ground, serving, CONNECTIONS, some(count, path)));
    const of = (key: keyof Load) => median(loads.slice(1).map((one) => one[key]));
    return { perSecond: of('perSecond'), p50: of('p50'), p99: of('p99') };
  };
  const state = await three(15_000, (at) => `/v1/locations/war-${at}`);
  const timeline = await three(5000, (at) => `/v1/locations/war-${at}/timeline`);
  const list = await three(
    1000,
    (at) => `/v1/locations?order=name&limit=50&q=${encodeURIComponent(String.fromCharCode(97 + (at % 26)))}`,
  );
  await load(
    ground,
    serving,
    64,
    statementsOf(20_000, places, `more-${places}`).map((one) => JSON.stringify(one)),
  );
  const rssMb = memory.stop();
  await end(serving);
  await database.drop();
  return { places, state, timeline, list, rssMb, rebuildSeconds, appended };
}

/** The most resident memory of a process (Linux), in MB. */
function watchMemory({ pid }: Serving): { stop(): number } {
  let most = 0;
  const look = () => void (most = Math.max(most, rssMb(pid)));
  const timer = setInterval(look, 100);
  return {
    stop() {
      look();
      clearInterval(timer);
      return most;
    },
  };
}
