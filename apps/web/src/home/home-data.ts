import type { ReadonlySignal, Signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Counts, Facet, Filter } from './filter.js';
import type { Places } from './places.js';
import type { Row } from './rows.js';

/** What map, list, filters and clock of the first view share. */
export interface Shown {
  places: Places;
  /** Those that meet the filter, in no order. */
  rows: ReadonlySignal<readonly Row[]>;
  /** The same in the order of the list. */
  list: ReadonlySignal<readonly Row[]>;
  counts: ReadonlySignal<Record<Facet, Counts>>;
  filter: ReadonlySignal<Filter>;
  /** The place that the reader points at, in the list or on the map. */
  hovered: Signal<string | undefined>;
}

export const HomeData = createContext<Shown | undefined>(undefined);

export const useHome = (): Shown => useContext(HomeData)!;
