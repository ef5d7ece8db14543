import { Random } from '../../support/random.js';
import { median, type Figure } from '../figure.js';
import type { Ground } from '../ground.js';
import { end, load, service, type Load } from '../served.js';
import type { Serving } from '../../support/service.js';
import { EVENTS, MUCH_SAID, placesOf, replayLog } from './log.js';

const GEOJSON = 'application/geo+json';
/** One request at a time: what one answer takes. */
const CONNECTIONS = 1;
const PLACES = placesOf(EVENTS);

/** The state of a place, and a page of the map, at a moment of the past, in times of what the present one takes. */
export async function past(ground: Ground): Promise<Figure[]> {
  const serving = await service(ground, await replayLog(ground), ['api']);
  const random = new Random(5);
  const asOf = () =>
    `asOf=${new Date(random.int(Date.parse('2022-06-01'), Date.parse('2025-11-01'))).toISOString()}`;
  const much = () => `/v1/locations/war-${random.int(0, MUCH_SAID.places - 1)}`;
  const little = () => `/v1/locations/war-${random.int(MUCH_SAID.places, PLACES - 1)}`;
  const map = () => `/v1/locations?limit=500&bbox=${boxOf(random)}`;
  const accepting = (path: string) => `${path}\t${GEOJSON}`;
  const figures = [
    await times(
      ground,
      serving,
      'past-state',
      `the state of a place with ${MUCH_SAID.statements} statements and more`,
      2,
      500,
      much,
      () => `${much()}?${asOf()}`,
    ),
    await times(
      ground,
      serving,
      'past-state-few',
      'the same of any place, with about 20',
      2,
      2000,
      little,
      () => `${little()}?${asOf()}`,
    ),
    await times(
      ground,
      serving,
      'past-map',
      `a page of 500 places in a box of the map, as GeoJSON, at ${PLACES.toLocaleString('en-US')} places`,
      3,
      40,
      () => accepting(map()),
      () => accepting(`${map()}&${asOf()}`),
    ),
  ];
  await end(serving);
  return figures;
}

async function times(
  ground: Ground,
  serving: Serving,
  name: string,
  what: string,
  atMost: number,
  requests: number,
  present: () => string,
  past: () => string,
): Promise<Figure> {
  const ask = (one: () => string) =>
    load(ground, serving, CONNECTIONS, Array.from({ length: requests }, one));
  const took = { present: [] as Load[], past: [] as Load[] };
  await ask(present);
  await ask(past);
  for (let run = 0; run < ground.runs; run++) {
    took.present.push(await ask(present));
    took.past.push(await ask(past));
  }
  const ours = took.past.map(({ p50 }, run) => p50 / took.present[run]!.p50);
  const shown = (of: readonly Load[]) =>
    `p50 ${median(of.map(({ p50 }) => p50)).toFixed(2)} ms, p99 ${median(of.map(({ p99 }) => p99)).toFixed(2)} ms`;
  return {
    name,
    what: `${what}, asOf a moment of the past, in times of the present one (p50, one request at a time)`,
    unit: 'times',
    ours,
    aim: { of: 'ours', atMost },
    notes: { present: shown(took.present), past: shown(took.past) },
  };
}

/** A box of the map with about a sixth of the places in it. */
function boxOf(random: Random): string {
  const [west, south] = [31 + random.next() * 5, 46.5 + random.next() * 2.4];
  return [west, south, west + 3, south + 1.6].map((degrees) => degrees.toFixed(3)).join(',');
}
