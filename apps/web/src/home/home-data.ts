import { type ReadonlySignal, type Signal, useComputed, useSignal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { query } from '../address/address.js';
import type { MapBins } from '../api/answers.js';
import type { ApiProblem } from '../api/request.js';
import { language } from '../language/language.js';
import {
  type Counts,
  countsOf,
  type Facet,
  type Filter,
  filtered,
  filterOf,
  ordered,
  orderOf,
} from './filter.js';
import type { Box } from './look.js';
import { type Places, usePlaces } from './places.js';
import type { Row } from './rows.js';

/** How many places meet the filter. */
export interface Total {
  count: number;
  withoutPosition: number;
  reported: number;
}

/** The places that the filter shows, whoever has worked them out: the service where there are too many. */
export interface Found {
  /** Those on the map, in no order: of many, those in its view. */
  rows: ReadonlySignal<readonly Row[]>;
  /** On the map in the place of rows, where there are too many. */
  bins: ReadonlySignal<MapBins | undefined>;
  /** Those that meet the filter, in the order of the list: of many, the first. */
  list: ReadonlySignal<readonly Row[]>;
  /** Of many, more of the list: undefined where there is no more. */
  more: ReadonlySignal<(() => void) | undefined>;
  /** Undefined where nobody has counted them: of many at a past moment. */
  total: ReadonlySignal<Total | undefined>;
  counts: ReadonlySignal<Record<Facet, Counts>>;
  problem: ReadonlySignal<ApiProblem | undefined>;
}

/** What map, list, filters and clock of the first view share. */
export interface Shown extends Found {
  places: Places;
  /** What the service has found, where there are too many places; what asks it is loaded then. */
  many: Signal<Found | undefined>;
  filter: ReadonlySignal<Filter>;
  /** What the map shows of the world, once it is drawn. */
  box: Signal<Box | undefined>;
  /** The place that the reader points at, in the list or on the map. */
  hovered: Signal<string | undefined>;
}

export const HomeData = createContext<Shown | undefined>(undefined);

export const NO_COUNTS: Record<Facet, Counts> = { status: [], side: [], flag: [], region: [] };

export const useHome = (): Shown => useContext(HomeData)!;

/** All that the first view shows: worked out here, or by the service where there are more places than it sends at once. */
export function useShown(): Shown {
  const places = usePlaces();
  const box = useSignal<Box | undefined>(undefined);
  const many = useSignal<Found | undefined>(undefined);
  const filter = useComputed(() => filterOf(query.value));
  const own = useComputed(() => filtered(places.rows.value, filter.value));
  const either = <T>(ofMany: (many: Found | undefined) => T, ofAll: () => T) =>
    useComputed(() => (places.isMany.value ? ofMany(many.value) : ofAll()));
  return {
    places,
    many,
    rows: either(
      (all) => all?.rows.value ?? [],
      () => own.value,
    ),
    bins: either(
      (all) => all?.bins.value,
      () => undefined,
    ),
    list: either(
      (all) => all?.list.value ?? [],
      () => ordered(own.value, orderOf(query.value), language.value),
    ),
    more: either(
      (all) => all?.more.value,
      () => undefined,
    ),
    total: either(
      (all) => all?.total.value,
      () => ({
        count: own.value.length,
        withoutPosition: own.value.filter(({ position }) => position === null).length,
        reported: own.value.filter(({ isReported }) => isReported).length,
      }),
    ),
    counts: either(
      (all) => all?.counts.value ?? NO_COUNTS,
      () => countsOf(places.rows.value, filter.value),
    ),
    filter,
    problem: either(
      (all) => all?.problem.value,
      () => places.problem.value,
    ),
    box,
    hovered: useSignal<string | undefined>(undefined),
  };
}
