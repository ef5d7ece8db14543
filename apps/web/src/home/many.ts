import { type ReadonlySignal, useComputed } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { query } from '../address/address.js';
import { only, type Query } from '../address/query.js';
import type { Facets, MapAnswer, State } from '../api/answers.js';
import { usePages } from '../api/pages.js';
import { useAnswer } from '../api/question.js';
import { missed } from '../live/live.js';
import { FACETS, orderOf } from './filter.js';
import type { Box } from './look.js';
import { type Found, NO_COUNTS, useHome } from './home-data.js';
import { type Places, withNews } from './places.js';
import { type Row, rowOf, rowsOf } from './rows.js';

const PAGE = 100;
const NONE: readonly Row[] = [];

/** Asks the service where it does not send all places at once: for the view of the map, counts, and pages of the list. Shows nothing by itself. */
export function AskForMany() {
  const { places, box, many } = useHome();
  const all = useMany(places, box);
  useEffect(() => {
    many.value = all;
    return () => void (many.value = undefined);
  }, []);
  return null;
}

function useMany({ answer, asked, settled, news }: Places, box: ReadonlySignal<Box | undefined>): Found {
  const filter = useComputed<Query>(() => {
    const { asOf: _asOf, ...others } = only(query.value, [...FACETS, 'q', 'knownAt', 'ruleset']);
    return settled.value === undefined ? others : { ...others, asOf: settled.value };
  });
  const fresh = () => [asked.value, missed.value];
  const view = useAnswer<MapAnswer>(
    () =>
      box.value
        ? { path: 'v1/map', query: { ...filter.value, bbox: box.value.bbox, zoom: String(box.value.zoom) } }
        : undefined,
    fresh,
  );
  const facets = useAnswer<Facets>(() => ({ path: 'v1/locations/facets', query: filter.value }), fresh);
  const pages = usePages<State>(
    () => ({
      path: 'v1/locations',
      query: { ...filter.value, order: pageOrderOf(filter.value), limit: String(PAGE) },
    }),
    fresh,
  );
  const shown = useComputed(() => view.value.data);
  const inView = useComputed(() => (shown.value?.kind === 'places' ? rowsOf(shown.value) : NONE));
  const counted = useComputed(() => (facets.value.problem === undefined ? facets.value.data : undefined));
  return {
    rows: useComputed(() => withNews(inView.value, news.value)),
    bins: useComputed(() => {
      // At first those of the whole world, unless there is a filter, which they do not know.
      const isAll = FACETS.every((facet) => filter.value[facet] === undefined);
      const first = isAll ? answer.value : undefined;
      const found = shown.value ?? first;
      return found?.kind === 'bins' ? found : undefined;
    }),
    list: useComputed(() => withNews(pages.items.value.map(rowOf), news.value)),
    more: useComputed(() =>
      pages.hasMore.value && !pages.isWaiting.value ? () => void pages.more() : undefined,
    ),
    total: useComputed(
      () =>
        counted.value && {
          count: counted.value.count,
          withoutPosition: counted.value.withoutCoordinates,
          reported: 0,
        },
    ),
    counts: useComputed(() => {
      const { value } = counted;
      return value === undefined
        ? NO_COUNTS
        : { status: value.status, side: value.side, flag: value.flag, region: value.region.filter(hasValue) };
    }),
    problem: useComputed(() => view.value.problem ?? pages.problem.value),
  };
}

const hasValue = (one: { value: string | null; count: number }): one is { value: string; count: number } =>
  one.value !== null;

/** Past moments have their places by id alone. */
const pageOrderOf = (filter: Query): string =>
  ['asOf', 'knownAt', 'ruleset'].some((name) => filter[name] !== undefined)
    ? 'id'
    : orderOf(query.value) === 'name'
      ? 'name'
      : 'changed';
