import { type ReadonlySignal, useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { query } from '../address/address.js';
import { only, type Query } from '../address/query.js';
import type { Facets, MapAnswer, Page, State } from '../api/answers.js';
import { useAnswer } from '../api/question.js';
import { ApiProblem, get } from '../api/request.js';
import { missed } from '../live/live.js';
import { type Counts, type Facet, FACETS, orderOf } from './filter.js';
import type { Box } from './look.js';
import { type Many, useHome } from './home-data.js';
import { type Places, withNews } from './places.js';
import { type Row, rowOf, rowsOf } from './rows.js';

const PAGE = 100;
const NONE: readonly Row[] = [];
const NO_COUNTS: Record<Facet, Counts> = { status: [], side: [], flag: [], region: [] };

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

function useMany(
  { answer, isMany, asked, settled, news }: Places,
  box: ReadonlySignal<Box | undefined>,
): Many {
  const filter = useComputed<Query>(() => {
    const { asOf: _asOf, ...others } = only(query.value, [...FACETS, 'q', 'knownAt', 'ruleset']);
    return settled.value === undefined ? others : { ...others, asOf: settled.value };
  });
  const fresh = () => [asked.value, missed.value];
  const view = useAnswer<MapAnswer>(
    () =>
      isMany.value && box.value
        ? { path: 'v1/map', query: { ...filter.value, bbox: box.value.bbox, zoom: String(box.value.zoom) } }
        : undefined,
    fresh,
  );
  const facets = useAnswer<Facets>(
    () => (isMany.value ? { path: 'v1/locations/facets', query: filter.value } : undefined),
    fresh,
  );
  const pages = usePages(
    () => (isMany.value ? { ...filter.value, order: pageOrderOf(filter.value) } : undefined),
    fresh,
  );
  const shown = useComputed(() => (isMany.value ? view.value.data : undefined));
  const inView = useComputed(() => (shown.value?.kind === 'places' ? rowsOf(shown.value) : NONE));
  const counted = useComputed(() =>
    isMany.value && facets.value.problem === undefined ? facets.value.data : undefined,
  );
  return {
    rows: useComputed(() => withNews(inView.value, news.value)),
    bins: useComputed(() => {
      // At first those of the whole world, unless there is a filter, which they do not know.
      const isAll = FACETS.every((facet) => filter.value[facet] === undefined);
      const first = isMany.value && isAll ? answer.value : undefined;
      const found = shown.value ?? first;
      return found?.kind === 'bins' ? found : undefined;
    }),
    list: useComputed(() => withNews(pages.rows.value, news.value)),
    more: pages.more,
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

/** Pages of the list, one after the other as the reader asks for them. */
function usePages(asked: () => Query | undefined, fresh: () => unknown) {
  const rows = useSignal<readonly Row[]>(NONE);
  const more = useSignal<(() => void) | undefined>(undefined);
  const first = useAnswer<Page<State>>(() => {
    const wanted = asked();
    return wanted && { path: 'v1/locations', query: { ...wanted, limit: String(PAGE) } };
  }, fresh);
  const problem = useSignal<ApiProblem | undefined>(undefined);
  useSignalEffect(() => {
    const { data } = first.value;
    const ended = new AbortController();
    const take = (page: Page<State>, before: readonly Row[]) => {
      rows.value = [...before, ...page.items.map(rowOf)];
      const { nextCursor } = page;
      more.value = nextCursor === null ? undefined : () => void next(nextCursor);
    };
    const next = async (cursor: string) => {
      more.value = undefined;
      try {
        const question = { ...asked(), limit: String(PAGE), cursor };
        take(await get<Page<State>>('v1/locations', question, ended.signal), rows.peek());
      } catch (error) {
        if (ended.signal.aborted) return;
        problem.value = error instanceof ApiProblem ? error : new ApiProblem(0, 'broken', String(error));
        more.value = () => void next(cursor);
      }
    };
    problem.value = undefined;
    if (data === undefined) [rows.value, more.value] = [NONE, undefined];
    else take(data, NONE);
    return () => ended.abort();
  });
  return { rows, more, problem: useComputed(() => first.value.problem ?? problem.value) };
}
