import type { Instant, Status } from '#libs/domain';
import { isStored, readChanges, type ChangeFilter, type ChangeItem } from '../changes/list-changes.js';
import { MAX_FOLDED_PLACES } from '../as-of/list-as-of.js';
import type { QueryOptions } from '../freshness/basis.js';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels, ReadTransaction } from '../read-models.js';
import { Dictionary, scaled, Words, type TimeScale } from './columns.js';
import { readVersion, type ModelsVersion } from './models-version.js';
import type { TooMany } from './states-at.js';

/** Changes in columns of the same length, by time, then place. */
export interface MapChanges {
  from: Instant | null;
  to: Instant | null;
  knownAt: Instant | null;
  rulesetVersion: string;
  count: number;
  time: TimeScale;
  statuses: Status[];
  parties: string[];
  /** Dictionary: a status with its holders. */
  stages: { status: number; holders: number[] }[];
  /** Dictionary: ids. */
  places: string[];
  columns: { place: number[]; at: number[]; before: number[]; after: number[] };
}

export interface ChangesOptions extends QueryOptions {
  /** How many changes are shown. */
  mostChanges: number;
  /** How many places are folded, where the changes are not those in the tables. */
  most: number;
}

/** The changes between two times, all at once. */
export class GetMapChanges extends Query<{ version: ModelsVersion; changes: MapChanges } | TooMany> {
  constructor(
    readonly filter: ChangeFilter,
    readonly knownAt: Instant | null,
    readonly options: ChangesOptions,
  ) {
    super();
  }
}

export class GetMapChangesHandler implements QueryHandler<GetMapChanges> {
  constructor(private readonly models: ReadModels) {}

  execute({ filter, knownAt, options }: GetMapChanges) {
    return this.models.read(async (tx) => {
      const version = await readVersion(tx);
      const items = await allChanges(tx, filter, knownAt, options);
      if (items === 'too-many') return items;
      const head = {
        from: filter.from ?? null,
        to: filter.to ?? null,
        knownAt,
        rulesetVersion: version.rulesetVersion,
      };
      return { version, changes: { ...head, ...columnsOf(items) } };
    }, options.ruleset);
  }
}

/** All changes, by time, then place. */
export async function allChanges(
  tx: ReadTransaction,
  filter: ChangeFilter,
  knownAt: Instant | null,
  { most, mostChanges }: ChangesOptions,
): Promise<ChangeItem[] | TooMany> {
  const items: ChangeItem[] = [];
  const pages = isStored(tx, knownAt) ? 1 : 1 + Math.ceil(most / MAX_FOLDED_PLACES);
  let cursor: string | undefined;
  for (let page = 1; page <= pages; page++) {
    const limit = mostChanges + 1 - items.length;
    const found = await readChanges(tx, filter, knownAt, { limit, ...(cursor && { cursor }) });
    if (found === 'cursor-invalid') throw new Error('the list did not take its own cursor');
    items.push(...found.items);
    if (items.length > mostChanges) return 'too-many';
    if (found.nextCursor === null)
      return isStored(tx, knownAt)
        ? items
        : items.toSorted((a, b) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1));
    cursor = found.nextCursor;
  }
  return 'too-many';
}

function columnsOf(
  items: readonly ChangeItem[],
): Omit<MapChanges, 'from' | 'to' | 'knownAt' | 'rulesetVersion'> {
  const [statuses, parties, places] = [new Words(), new Words(), new Words()];
  const stages = new Dictionary<MapChanges['stages'][number]>();
  const stageOf = ({ status, holders }: ChangeItem['from']) =>
    stages.numberOf(JSON.stringify([status, ...holders]), () => ({
      status: statuses.of(status),
      holders: parties.all(holders),
    }));
  const { time, columns } = scaled({ at: items.map(({ at }) => Date.parse(at)) });
  return {
    count: items.length,
    time,
    columns: {
      place: items.map(({ id }) => places.of(id)),
      at: columns.at as number[],
      before: items.map(({ from }) => stageOf(from)),
      after: items.map(({ to }) => stageOf(to)),
    },
    statuses: statuses.values as Status[],
    parties: parties.values,
    stages: stages.values,
    places: places.values,
  };
}
