import type { MapChanges, MapPlaces, Scale, State, Status } from '../api/answers.js';

/** What is claimed about one holder's control: the sides behind it. */
export interface Claim {
  holder: string;
  claiming: string[];
  denying: string[];
  conceding: string[];
}

/** A place as map and list show it. Times are milliseconds since 1970. */
export interface Row {
  id: string;
  name: string;
  position: [number, number] | null;
  /** Statements have reported the position; the register has none. */
  isReported: boolean;
  status: Status;
  since: number | null;
  lastSaid: number | null;
  claims: Claim[];
  flags: string[];
  region: string | null;
  /** Of a place that has changed since the reader asked: what it was. It keeps its place in the list until he asks again. */
  asked?: Row;
}

const timeOf = ({ base, unit }: Scale) => {
  const zero = Date.parse(base);
  return (column: number | null | undefined) => (column == null ? null : zero + column * unit);
};

export function rowsOf({
  columns,
  time,
  parties,
  regions,
  controls,
  flagSets,
  statuses,
  reported,
}: MapPlaces): Row[] {
  const at = timeOf(time);
  const named = (numbers: readonly number[]) => numbers.map((number) => parties[number]!);
  // Few distinct ones: rows share them.
  const claims = controls.map((holders) =>
    holders.map(({ holder, claiming, denying, conceding }) => ({
      holder: parties[holder]!,
      claiming: named(claiming),
      denying: named(denying),
      conceding: named(conceding),
    })),
  );
  const flags = flagSets.map((set) => [...new Set(set.map(({ flag }) => flag))]);
  const isReported = new Set(reported);
  return columns.id.map((id, row) => {
    const [lon, lat, region] = [columns.lon[row], columns.lat[row], columns.region[row]];
    return {
      id,
      name: columns.name[row]!,
      position: lon == null || lat == null ? null : [lon, lat],
      isReported: isReported.has(row),
      status: statuses[columns.status[row]!]!,
      since: at(columns.since[row]),
      lastSaid: at(columns.lastSaid[row]),
      claims: claims[columns.control[row]!]!,
      flags: flags[columns.flags[row]!]!,
      region: region == null ? null : regions[region]!,
    };
  });
}

/** The row of a state that a live stream has brought: the same as the map's answer would have. */
export function rowOf(state: State): Row {
  const sides = (evidence: readonly { side: string }[]) =>
    [...new Set(evidence.map(({ side }) => side))].sort();
  const said = state.control
    .flatMap(({ assertedBy, deniedBy, concededBy }) => [...assertedBy, ...deniedBy, ...concededBy])
    .map(({ statedAt }) => Date.parse(statedAt));
  return {
    id: state.id,
    name: state.name,
    position: state.coordinates && [rounded(state.coordinates[0]), rounded(state.coordinates[1])],
    isReported: state.coordinatesReported,
    status: state.status,
    since: state.since === null ? null : toTheSecond(Date.parse(state.since)),
    lastSaid: said.length === 0 ? null : toTheSecond(Math.max(...said)),
    claims: state.control.map(({ holder, assertedBy, deniedBy, concededBy }) => ({
      holder,
      claiming: sides(assertedBy),
      denying: sides(deniedBy),
      conceding: sides(concededBy),
    })),
    flags: [...new Set(state.flags.map(({ flag }) => flag))],
    region: state.region,
  };
}

/** Degrees and times as exact as the map's answer has them. */
const rounded = (degrees: number): number => Math.round(degrees * 1e4) / 1e4;
const toTheSecond = (time: number): number => Math.floor(time / 1000) * 1000;

/** A month that was loaded: the states at its end, and every change in it. */
export interface Frame {
  rows: readonly Row[];
  changes: Turn[];
}

/** A change of a place's status. */
interface Turn {
  id: string;
  at: number;
  before: { status: Status; holders: string[] };
  after: { status: Status; holders: string[] };
}

/** The changes of columns, in the order of time. */
export function turnsOf({ columns, time, statuses, parties, stages, places }: MapChanges): Turn[] {
  const at = timeOf(time);
  const told = stages.map(({ status, holders }) => ({
    status: statuses[status]!,
    holders: holders.map((holder) => parties[holder]!),
  }));
  return columns.place.map((place, row) => ({
    id: places[place]!,
    at: at(columns.at[row])!,
    before: told[columns.before[row]!]!,
    after: told[columns.after[row]!]!,
  }));
}

/**
 * The rows as of a moment within a frame. Of a place that changed after it only the status, the holders and since when are
 * known here, so `claims` names the holders alone.
 */
export function rowsAt({ rows, changes }: Frame, moment: number): Row[] {
  const reached = new Map<string, { turn: Turn; stage: Turn['before']; since: number | null }>();
  const isLater = new Set<string>();
  for (const turn of changes) {
    if (turn.at <= moment) reached.set(turn.id, { turn, stage: turn.after, since: turn.at });
    else {
      isLater.add(turn.id);
      if (!reached.has(turn.id)) reached.set(turn.id, { turn, stage: turn.before, since: null });
    }
  }
  return rows.map((row) => {
    if (!isLater.has(row.id)) return row;
    const { stage, since } = reached.get(row.id)!;
    const claims = stage.holders.map((holder) => ({ holder, claiming: [], denying: [], conceding: [] }));
    return { ...row, status: stage.status, since, claims };
  });
}
