import { Random } from '../../support/random.js';
import { childrenOf } from '../../support/processes.js';
import type { Serving } from '../../support/service.js';
import { withClient } from '../copy.js';
import { median, shown, type Figure } from '../figure.js';
import type { Ground } from '../ground.js';
import { rssMb } from '../rss.js';
import { end, load, service, type Load } from '../served.js';
import { statementsOf } from '../statements.js';
import { appendAndProject, CostMeter, costsShown, type Cost } from './costs.js';
import { growLog, heldBy, type GrownLog } from './log.js';

const TIMES = 10;
const CONNECTIONS = 16;
const POSTS = 20_000;
/** A smaller log gets fewer requests. */
const ALL_REQUESTS_FROM = 1_000_000;

/** Requests of a turn, each about any of the places. */
const REQUESTS = {
  get: { count: 10_000, path: (at: number) => `/v1/locations/war-${at}` },
  timeline: { count: 3000, path: (at: number) => `/v1/locations/war-${at}/timeline` },
  list: {
    count: 300,
    path: (at: number) =>
      `/v1/locations?order=name&limit=50&q=${encodeURIComponent(String.fromCharCode(97 + (at % 26)))}`,
  },
} as const;

type Request = keyof typeof REQUESTS;
type Work = Request | 'append' | 'project';

const WHAT: Record<Work, string> = {
  append: 'append of a batch of 1,000 statements',
  project: 'the projection of that batch',
  get: 'GET of a location',
  timeline: 'a page of a timeline',
  list: 'a page of 50 places by name, from anywhere',
};

interface Measured {
  log: GrownLog;
  costs: Record<Work, Cost[]>;
  loads: Record<Request, Load[]>;
  /** The most memory of the service, and of it and its projector together. */
  mostMb: number;
  mostMbOfAll: number;
}

/** 1 million events beside 100,000 (BENCH_LARGE: another size). */
export const large = (ground: Ground): Promise<Figure[]> =>
  growthTo(ground, 'large', Number(process.env.BENCH_LARGE ?? 1_000_000), 1.5);

/** 10 million events beside 1 million (BENCH_GROWTH: another size). */
export const growth = (ground: Ground): Promise<Figure[]> =>
  growthTo(ground, 'growth', Number(process.env.BENCH_GROWTH ?? 10_000_000), 1.2);

/**
 * What work costs on a log of this many events, in times of what it costs on a log with a tenth of the events and of the places, and
 * what memory the service needs. Both logs are there at once and are measured in turns.
 */
async function growthTo(ground: Ground, name: string, events: number, atMost: number): Promise<Figure[]> {
  const small = measuredOn(await growLog(ground, events / TIMES));
  const big = measuredOn(await growLog(ground, events));
  const held = {
    [`on disk, bytes an event, ${small.log.size}`]: await heldBy(small.log),
    [`on disk, bytes an event, ${big.log.size}`]: await heldBy(big.log),
    shared_buffers: await cacheOf(ground),
  };
  await withClient(ground.url, (client) => client.query('checkpoint'));
  await inTurnsOf(ground, [small, big], async (one, run) => {
    const { append, project } = await appendAndProject(ground, one.log, one.log.parts + run);
    one.costs.append.push(append);
    one.costs.project.push(project);
    ground.say(
      `  ${one.log.size}: a batch appended in ${shown(append.ms)}, projected in ${shown(project.ms)} ms`,
    );
  });
  await ask(ground, [small, big], Math.min(1, events / ALL_REQUESTS_FROM));
  for (const { log } of [small, big]) await log.database.drop();
  const works = (Object.keys(WHAT) as Work[]).map((work) => figureOf(name, work, small, big, atMost));
  return [...works, ...memoryOf(name, small, big, held)];
}

const cacheOf = ({ url }: Ground): Promise<string> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ shared_buffers: string }>('show shared_buffers');
    return rows[0]!.shared_buffers;
  });

const measuredOn = (log: GrownLog): Measured => ({
  log,
  costs: { append: [], project: [], get: [], timeline: [], list: [] },
  loads: { get: [], timeline: [], list: [] },
  mostMb: 0,
  mostMbOfAll: 0,
});

/** A turn for each size, the one that begins changing. */
async function inTurnsOf(
  ground: Ground,
  sizes: readonly Measured[],
  turn: (one: Measured, run: number) => Promise<void>,
): Promise<void> {
  for (let run = 0; run < ground.runs; run++)
    for (const one of run % 2 === 0 ? sizes : sizes.toReversed()) await turn(one, run);
}

/** Requests to a service on each log, in turns, and POSTs at the end; with the most memory that it has meanwhile. @param share of the requests */
async function ask(ground: Ground, sizes: readonly Measured[], share: number): Promise<void> {
  const servings = new Map<Measured, Serving>();
  for (const one of sizes) servings.set(one, await service(ground, one.log.database));
  const watching = setInterval(() => {
    for (const [one, { pid }] of servings) {
      const own = rssMb(pid);
      one.mostMb = Math.max(one.mostMb, own);
      one.mostMbOfAll = Math.max(
        one.mostMbOfAll,
        childrenOf(pid).reduce((sum, child) => sum + rssMb(child), own),
      );
    }
  }, 100);
  const random = new Random(1);
  const turn = async (one: Measured, counts = true) => {
    for (const [request, { count, path }] of Object.entries(REQUESTS)) {
      const paths = Array.from({ length: Math.ceil(count * share) }, () =>
        path(random.int(0, one.log.places - 1)),
      );
      const { cost, loaded } = await asked(ground, one, servings.get(one)!, paths);
      if (!counts) continue;
      one.costs[request as Request].push({ ...cost, ms: 1000 / loaded.perSecond });
      one.loads[request as Request].push(loaded);
      ground.say(`  ${one.log.size}: ${request} ${shown(loaded.perSecond)}/s`);
    }
  };
  for (const one of sizes) await turn(one, false);
  await inTurnsOf(ground, sizes, (one) => turn(one));
  for (const [{ log }, serving] of servings) {
    const bodies = statementsOf(Math.ceil(POSTS * share), log.places, `posts-${log.places}`).map((one) =>
      JSON.stringify(one),
    );
    await load(ground, serving, 64, bodies);
  }
  clearInterval(watching);
  for (const serving of servings.values()) await end(serving);
}

async function asked(
  ground: Ground,
  { log }: Measured,
  serving: Serving,
  paths: readonly string[],
): Promise<{ cost: Cost; loaded: Load }> {
  return withClient(log.database.url, async (client) => {
    const meter = new CostMeter(ground, client, serving.pid);
    let loaded: Load;
    await meter.measure(paths.length, async () => (loaded = await load(ground, serving, CONNECTIONS, paths)));
    return { cost: meter.cost, loaded: loaded! };
  });
}

function figureOf(name: string, work: Work, small: Measured, big: Measured, atMost: number): Figure {
  const said = ({ costs, loads }: Measured) => {
    if (work === 'append' || work === 'project') return costsShown(costs[work], 'ms');
    const of = (key: keyof Load) => median(loads[work].map((one) => one[key]));
    const times = `${Math.round(of('perSecond'))}/s, p50 ${of('p50').toFixed(1)} ms, p99 ${of('p99').toFixed(1)} ms`;
    return `${times}; ${costsShown(costs[work], 'us')}`;
  };
  return {
    name: `${name}-${work}`,
    what: `${WHAT[work]} at ${big.log.size}, in times of what it takes at ${small.log.size}`,
    unit: 'times',
    ours: big.costs[work].map(({ ms }, run) => ms / small.costs[work][run]!.ms),
    ...(work !== 'list' && { aim: { of: 'ours', atMost } }),
    notes: { [small.log.size]: said(small), [big.log.size]: said(big) },
  };
}

function memoryOf(name: string, small: Measured, big: Measured, held: Record<string, string>): Figure[] {
  const under = `under these requests and ${POSTS.toLocaleString('en-US')} POSTs`;
  const most = (figure: string, { log, mostMb, mostMbOfAll }: Measured): Figure => ({
    name: `${name}-${figure}`,
    what: `most memory of the service ${under}, ${log.size}`,
    unit: 'MB',
    ours: [mostMb],
    aim: { of: 'ours', atMost: 400 },
    notes: {
      'with its projector, MB': mostMbOfAll.toFixed(0),
      'append, events/s': Math.round(log.appendedPerSecond),
      'rebuild, s': Math.round(log.rebuild.seconds),
      'memory of the rebuild, MB': log.rebuild.mostMb.toFixed(0),
    },
  });
  return [
    most('rss-small', small),
    most('rss', big),
    {
      name: `${name}-rss-growth`,
      what: 'the memory of service and projector together, in times',
      unit: 'times',
      ours: [big.mostMbOfAll / small.mostMbOfAll],
      aim: { of: 'ours', atMost: 1.2 },
      notes: held,
    },
  ];
}
