import type { Status } from '../api/answers.js';
import type { Query } from '../address/query.js';
import type { Row } from './rows.js';

/** Filters of map and list, by the API's names; a place meets all of them. */
export interface Filter {
  statuses: ReadonlySet<string>;
  side: string | undefined;
  flag: string | undefined;
  regions: ReadonlySet<string>;
}

export const FACETS = ['status', 'side', 'flag', 'region'] as const;
export type Facet = (typeof FACETS)[number];

/** How many places each value of a facet has, most first. */
export type Counts = readonly { value: string; count: number }[];

export const filterOf = (query: Query): Filter => ({
  statuses: new Set(query['status']?.split(',') ?? []),
  side: query['side'],
  flag: query['flag'],
  regions: new Set(query['region'] === undefined ? [] : [query['region']]),
});

const MEETS: Readonly<Record<Facet, (row: Row, filter: Filter) => boolean>> = {
  status: ({ status }, { statuses }) => statuses.size === 0 || statuses.has(status),
  side: ({ claims }, { side }) => side === undefined || claims.some(({ holder }) => holder === side),
  flag: ({ flags }, { flag }) => flag === undefined || flags.includes(flag),
  region: ({ region }, { regions }) => regions.size === 0 || (region !== null && regions.has(region)),
};

const VALUES: Readonly<Record<Facet, (row: Row) => readonly string[]>> = {
  status: ({ status }) => [status],
  side: ({ claims }) => claims.map(({ holder }) => holder),
  flag: ({ flags }) => flags,
  region: ({ region }) => (region === null ? [] : [region]),
};

/** @param but a facet whose own filter is left out */
const meets = (row: Row, filter: Filter, but?: Facet): boolean =>
  FACETS.every((facet) => facet === but || MEETS[facet](row.asked ?? row, filter));

export const filtered = (rows: readonly Row[], filter: Filter): Row[] =>
  rows.filter((row) => meets(row, filter));

/** Counts with the other filters applied, not the facet's own: so they say what a choice would show. */
export function countsOf(rows: readonly Row[], filter: Filter): Record<Facet, Counts> {
  const count = (facet: Facet): Counts => {
    const counts = new Map<string, number>();
    for (const row of rows)
      if (meets(row, filter, facet))
        for (const value of VALUES[facet](row.asked ?? row)) counts.set(value, (counts.get(value) ?? 0) + 1);
    return [...counts]
      .map(([value, number]) => ({ value, count: number }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  };
  return { status: count('status'), side: count('side'), flag: count('flag'), region: count('region') };
}

export const ORDERS = ['name', 'changed', 'said'] as const;
export type Order = (typeof ORDERS)[number];

export const orderOf = ({ order }: Query): Order => ORDERS.find((one) => one === order) ?? 'changed';

/** Comparing names by an alphabet is slow, and a step of the clock changes none of them: the last order is kept. */
let kept: { language: string; ranks: Map<string, number> } = { language: '', ranks: new Map() };

function ranksOf(rows: readonly Row[], language: string): Map<string, number> {
  const nameOf = ({ name, asked }: Row) => asked?.name ?? name;
  if (kept.language !== language || rows.some((row) => !kept.ranks.has(nameOf(row)))) {
    const names = [...new Set(rows.map(nameOf))].sort(new Intl.Collator(language).compare);
    kept = { language, ranks: new Map(names.map((name, rank) => [name, rank])) };
  }
  return kept.ranks;
}

/** @param language whose alphabet orders the names */
export function ordered(rows: readonly Row[], order: Order, language: string): Row[] {
  const ranks = ranksOf(rows, language);
  const byName = (a: Row, b: Row) => ranks.get(a.name)! - ranks.get(b.name)! || (a.id < b.id ? -1 : 1);
  // Of the same time, those first that more sides claim.
  const newest = (of: (row: Row) => number | null) => (a: Row, b: Row) =>
    (of(b) ?? 0) - (of(a) ?? 0) || b.claims.length - a.claims.length || byName(a, b);
  const by = {
    name: byName,
    changed: newest(({ since }) => since),
    said: newest(({ lastSaid }) => lastSaid),
  }[order];
  return rows.toSorted((a, b) => by(a.asked ?? a, b.asked ?? b));
}

/** Whether any place is of a status: for a legend. */
export const statusesOf = (rows: readonly Row[]): ReadonlySet<Status> =>
  new Set(rows.map(({ status }) => status));
