import type { BitemporalPoint, FlagName, Instant, Status } from '#libs/domain';
import { flagTag, holderTag, statusTag, tagsOf } from '#libs/projection';
import type { QueryOptions } from '../freshness/basis.js';
import { matching, type LocationFilter } from '../place-filter.js';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels, ReadTransaction } from '../read-models.js';
import { readVersion, type ModelsVersion } from './models-version.js';
import { statesAt, type TooMany } from './states-at.js';

export interface FacetCount<V> {
  value: V;
  count: number;
}

/** How many places each value of a filter would show, with the other filters applied. Most first. */
export interface Facets {
  asOf: Instant | null;
  knownAt: Instant | null;
  rulesetVersion: string;
  /** Places that match all filters. */
  count: number;
  withoutCoordinates: number;
  status: FacetCount<Status>[];
  side: FacetCount<string>[];
  flag: FacetCount<FlagName>[];
  region: FacetCount<string | null>[];
}

/** Counts for the values of filters. @param options `most`: how many places of a past moment are folded */
export class CountFacets extends Query<{ version: ModelsVersion; facets: Facets } | TooMany> {
  constructor(
    readonly filter: LocationFilter,
    readonly point: BitemporalPoint | undefined,
    readonly options: QueryOptions & { most: number },
  ) {
    super();
  }
}

export class CountFacetsHandler implements QueryHandler<CountFacets> {
  constructor(private readonly models: ReadModels) {}

  execute({ filter, point, options: { most, ruleset } }: CountFacets) {
    return this.models.read(async (tx) => {
      const version = await readVersion(tx);
      const { status: _status, side: _side, flag: _flag, region: _region, ...others } = filter;
      const groups = point
        ? await statesAt(tx, others, point, most, (state) => ({
            tags: tagsOf(state, tx.ruleset),
            region: state.region,
            positioned: state.coordinates !== null,
            count: 1,
          }))
        : await readGroups(tx, others);
      if (groups === 'too-many') return groups;
      const facets = {
        asOf: point?.asOf ?? null,
        knownAt: point?.knownAt ?? null,
        rulesetVersion: version.rulesetVersion,
        ...counted(groups, filter, tx),
      };
      return { version, facets };
    }, ruleset);
  }
}

/** Places that no facet tells apart. */
interface Group {
  tags: string[];
  region: string | null;
  positioned: boolean;
  count: number;
}

async function readGroups(
  { db, schema, ruleset }: ReadTransaction,
  filter: LocationFilter,
): Promise<Group[]> {
  const where = matching(filter, ruleset);
  const { rows } = await db.query<Group>(
    `select f.tags, l.region, l.lon is not null as positioned, count(*)::int as count
     from ${schema}.location_state f join ${schema}.location l on l.id = f.id
     where ${where.toString()} group by 1, 2, 3`,
    where.values,
  );
  return rows;
}

const FACETS = ['status', 'side', 'flag', 'region'] as const;
type Facet = (typeof FACETS)[number];

/** The most values of a facet: of those above it, the most frequent. */
const MAX_VALUES = 500;

function counted(
  groups: readonly Group[],
  { status, side, flag, region }: LocationFilter,
  { ruleset }: ReadTransaction,
): Omit<Facets, 'asOf' | 'knownAt' | 'rulesetVersion'> {
  const [statuses, holder] = [
    status?.map(statusTag),
    side === undefined ? undefined : holderTag(side, ruleset),
  ];
  const fails: Record<Facet, (group: Group) => boolean> = {
    status: ({ tags }) => statuses !== undefined && !statuses.some((tag) => tags.includes(tag)),
    side: ({ tags }) => holder !== undefined && !tags.includes(holder),
    flag: ({ tags }) => flag !== undefined && !tags.includes(flagTag(flag)),
    region: (group) => region !== undefined && (group.region === null || !region.includes(group.region)),
  };
  const counts = Object.fromEntries(
    FACETS.map((facet) => [facet, new Map<string | null, number>()]),
  ) as Record<Facet, Map<string | null, number>>;
  let [count, withoutCoordinates] = [0, 0];
  for (const group of groups) {
    const failed = FACETS.filter((facet) => fails[facet](group));
    if (failed.length > 1) continue;
    // Its own filter does not count for a facet.
    for (const facet of failed.length === 0 ? FACETS : failed)
      for (const value of valuesOf(facet, group))
        counts[facet].set(value, (counts[facet].get(value) ?? 0) + group.count);
    if (failed.length > 0) continue;
    count += group.count;
    if (!group.positioned) withoutCoordinates += group.count;
  }
  const listed = <V extends string | null>(facet: Facet): FacetCount<V>[] =>
    [...counts[facet]]
      .map(([value, many]) => ({ value: value as V, count: many }))
      .toSorted((a, b) => b.count - a.count || ((a.value ?? '') < (b.value ?? '') ? -1 : 1))
      .slice(0, MAX_VALUES);
  return {
    count,
    withoutCoordinates,
    status: listed<Status>('status'),
    side: listed<string>('side'),
    flag: listed<FlagName>('flag'),
    region: listed('region'),
  };
}

/** The prefixes of tags, and of the keys of sides in them. */
const TAGS = { status: /^status:/, side: /^holder:(?:side|party):/, flag: /^flag:/ };

const valuesOf = (facet: Facet, { tags, region }: Group): (string | null)[] =>
  facet === 'region'
    ? [region]
    : tags.filter((tag) => TAGS[facet].test(tag)).map((tag) => tag.replace(TAGS[facet], ''));
