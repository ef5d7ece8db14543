import { TimeSlice } from '#libs/concurrency';
import type { BitemporalPoint, FlagName, Instant, LocationState, Status } from '#libs/domain';
import { summaryOf, type StateSummary } from '#libs/projection';
import type { QueryOptions } from '../freshness/basis.js';
import { matching, type LocationFilter } from '../place-filter.js';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels, ReadTransaction } from '../read-models.js';
import { readBins, type MapBins } from './bins.js';
import { Dictionary, millisecondsOf, rounded, scaled, Words, type TimeScale } from './columns.js';
import { countPlaces, type MapHead } from './map-head.js';
import { readVersion, type ModelsVersion } from './models-version.js';
import { statesAt, type TooMany } from './states-at.js';

type Numbered<T> = { [K in keyof T]: T[K] extends string[] ? number[] : T[K] };
type MapStanding = Omit<Numbered<StateSummary['control'][number]>, 'holder'> & { holder: number };
type MapFlag = { flag: FlagName; holder: number | null; asserting: number[]; denying: number[] };

/** Places in columns of the same length, by id. What many have in common is in dictionaries, by its number. */
export interface MapPlaces extends MapHead {
  kind: 'places';
  time: TimeScale;
  statuses: Status[];
  parties: string[];
  regions: string[];
  controls: MapStanding[][];
  flagSets: MapFlag[][];
  columns: {
    id: string[];
    name: string[];
    lon: (number | null)[];
    lat: (number | null)[];
    status: number[];
    since: (number | null)[];
    lastSaid: (number | null)[];
    control: number[];
    flags: number[];
    region: (number | null)[];
  };
  /** Rows whose coordinates are reported by statements: no register has any. */
  reported: number[];
}

export interface MapOptions extends QueryOptions {
  /** How many places are shown. */
  most: number;
  /** Cells of this zoom are shown, where there are more. */
  zoom?: number | undefined;
}

/**
 * The places of a filter, all at once.
 * @param point absent: the present states, as they are stored; else they are folded
 */
export class GetMap extends Query<{ version: ModelsVersion; map: MapPlaces | MapBins } | TooMany> {
  constructor(
    readonly filter: LocationFilter,
    readonly point: BitemporalPoint | undefined,
    readonly options: MapOptions,
  ) {
    super();
  }
}

export class GetMapHandler implements QueryHandler<GetMap> {
  constructor(private readonly models: ReadModels) {}

  execute({ filter, point, options: { most, zoom, ruleset } }: GetMap) {
    return this.models.read(async (tx) => {
      const version = await readVersion(tx);
      const head = {
        asOf: point?.asOf ?? null,
        knownAt: point?.knownAt ?? null,
        rulesetVersion: version.rulesetVersion,
      };
      if (point) {
        const rows = await statesAt(tx, filter, point, most, rowOf);
        if (rows === 'too-many') return rows;
        const withoutCoordinates = rows.filter(({ lon }) => lon === null).length;
        return {
          version,
          map: { ...head, count: rows.length, withoutCoordinates, ...(await columnsOf(rows)) },
        };
      }
      const counts = await countPlaces(tx, filter);
      if (counts.count <= most)
        return { version, map: { ...head, ...counts, ...(await columnsOf(await readRows(tx, filter))) } };
      if (zoom === undefined) return 'too-many';
      return { version, map: { ...head, ...counts, ...(await readBins(tx, filter, zoom)) } };
    }, ruleset);
  }
}

/** A place; its standings and flags as JSON. */
interface MapRow {
  id: string;
  name: string;
  lon: number | null;
  lat: number | null;
  region: string | null;
  reported: boolean;
  status: Status;
  since: number | null;
  lastSaid: number | null;
  control: string;
  flags: string;
}

async function readRows({ db, schema, ruleset }: ReadTransaction, filter: LocationFilter): Promise<MapRow[]> {
  const where = matching(filter, ruleset);
  const { rows } = await db.query<MapRow>(
    `select l.id, l.name, l.lon, l.lat, l.region, l.reported, f.status,
       ${millisecondsOf('f.since')} as since, ${millisecondsOf('f.last_said_at')} as "lastSaid", f.control, f.flags
     from ${schema}.location_state f join ${schema}.location l on l.id = f.id
     where ${where.toString()} order by l.id`,
    where.values,
  );
  return rows;
}

function rowOf(state: LocationState): MapRow {
  const { id, name, coordinates, region, coordinatesReported, status, since } = state;
  const { control, flags, lastSaidAt } = summaryOf(state);
  const [lon, lat] = coordinates ?? [null, null];
  return {
    id,
    name,
    lon,
    lat,
    region,
    reported: coordinatesReported,
    status,
    since: millisecondsIn(since),
    lastSaid: millisecondsIn(lastSaidAt),
    control: JSON.stringify(control),
    flags: JSON.stringify(flags),
  };
}

const millisecondsIn = (time: Instant | null): number | null => (time === null ? null : Date.parse(time));

/** Milliseconds would be a tenth of all that is sent. */
const wholeSecond = (time: number | null): number | null => time && Math.floor(time / 1000) * 1000;

async function columnsOf(rows: readonly MapRow[]): Promise<Omit<MapPlaces, keyof MapHead>> {
  const [statuses, parties, regions] = [new Words(), new Words(), new Words()];
  const controls = new Dictionary<MapStanding[]>();
  const flagSets = new Dictionary<MapFlag[]>();
  const controlOf = (json: string) =>
    (JSON.parse(json) as StateSummary['control']).map(
      ({ holder, known, standing, claiming, denying, conceding }) => ({
        holder: parties.of(holder),
        known,
        standing,
        claiming: parties.all(claiming),
        denying: parties.all(denying),
        conceding: parties.all(conceding),
      }),
    );
  const flagsOf = (json: string) =>
    (JSON.parse(json) as StateSummary['flags']).map(({ flag, holder, asserting, denying }) => ({
      flag,
      holder: holder === null ? null : parties.of(holder),
      asserting: parties.all(asserting),
      denying: parties.all(denying),
    }));
  const [control, flags, slice]: [number[], number[], TimeSlice] = [[], [], new TimeSlice()];
  for (const row of rows) {
    control.push(controls.numberOf(row.control, () => controlOf(row.control)));
    flags.push(flagSets.numberOf(row.flags, () => flagsOf(row.flags)));
    if (slice.isOver()) await slice.rest();
  }
  const { time, columns } = scaled({
    since: rows.map(({ since }) => wholeSecond(since)),
    lastSaid: rows.map(({ lastSaid }) => wholeSecond(lastSaid)),
  });
  return {
    kind: 'places',
    time,
    columns: {
      id: rows.map(({ id }) => id),
      name: rows.map(({ name }) => name),
      lon: rows.map(({ lon }) => lon && rounded(lon)),
      lat: rows.map(({ lat }) => lat && rounded(lat)),
      status: rows.map(({ status }) => statuses.of(status)),
      ...columns,
      control,
      flags,
      region: rows.map(({ region }) => (region === null ? null : regions.of(region))),
    },
    statuses: statuses.values as Status[],
    parties: parties.values,
    regions: regions.values,
    controls: controls.values,
    flagSets: flagSets.values,
    reported: rows.flatMap(({ reported }, at) => (reported ? [at] : [])),
  };
}
