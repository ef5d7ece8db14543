import { type BitemporalPoint, Epochs, type Instant, type LocationState, type Ruleset } from '#libs/domain';
import {
  type ChangeFilter,
  GetPlace,
  GetTimeline,
  ListChanges,
  ListPlaces,
  ListStatements,
  locatedAt,
  LocateStatements,
  type Located,
  type LocationFilter,
  type Page,
  type QueryExecutor,
  type StatementFilter,
  type StatementItem,
  type TimelineFilter,
} from '#libs/queries';
import type { CsvStyle } from './csv.js';
import { changeFormat, stateFormat, statementFormat, type Format, type Pages } from './formats.js';
import type { TextChunk } from './text-chunk.js';

/** The style applies to CSV only. */
export interface FormatOptions extends CsvStyle {
  format: Format;
  /** Rows link to their pages, except in Parquet. */
  pages?: Pages;
  /** To fold with (default: the one in force). */
  ruleset?: Ruleset | undefined;
}

/** Twice the largest page of lists, because each query has a fixed cost. Larger pages were not faster. */
const PAGE_SIZE = 1000;

/** States of places, by id, at a bitemporal point. @param epochs of the log (default: it has only the first) */
export function exportStates(
  queries: QueryExecutor,
  filter: LocationFilter,
  point: BitemporalPoint,
  { format, pages, ruleset, ...style }: FormatOptions,
  epochs = new Epochs(),
): AsyncGenerator<TextChunk> {
  return stateFormat(format, style, pages)(inEpochs(statesOf(queries, filter, point, ruleset), epochs));
}

async function* inEpochs(pages: AsyncIterable<string[]>, epochs: Epochs): AsyncGenerator<string[]> {
  for await (const states of pages) yield states.map((state) => epochs.inStates(state));
}

/** Statements across places, newest first, at the filter's bitemporal point. */
export function exportStatements(
  queries: QueryExecutor,
  filter: StatementFilter,
  { format, pages, ...style }: FormatOptions,
): AsyncGenerator<TextChunk> {
  const items = pagesOf((cursor) =>
    queries.execute(new ListStatements(filter, { limit: PAGE_SIZE, cursor })),
  );
  return statementFormat(format, style, pages)(locatedPages(queries, items, pointOf(filter), format));
}

/** Changes of status or holders: as believed now by time, as known at a time by place. */
export function exportChanges(
  queries: QueryExecutor,
  filter: ChangeFilter,
  knownAt: Instant | null,
  {
    format,
    pages,
    ruleset,
    ...style
  }: Omit<FormatOptions, 'format'> & { format: Exclude<Format, 'parquet'>; pages: Pages },
): AsyncGenerator<TextChunk> {
  return changeFormat(
    format,
    style,
    pages,
  )(
    pagesOf((cursor) =>
      queries.execute(new ListChanges(filter, knownAt, { limit: PAGE_SIZE, cursor }, { ruleset })),
    ),
  );
}

/**
 * The timeline of a place, or those of all places that match, place by place, at a bitemporal point.
 * @throws Error if there is no such place
 */
export function exportTimelines(
  queries: QueryExecutor,
  places: { id: string } | LocationFilter,
  filter: TimelineFilter,
  { format, pages, ruleset, ...style }: FormatOptions,
): AsyncGenerator<TextChunk> {
  return statementFormat(
    format,
    style,
    pages,
  )(
    'id' in places
      ? timelineOf(queries, places.id, filter, ruleset)
      : timelinesOf(queries, places, filter, ruleset),
  );
}

function statesOf(
  queries: QueryExecutor,
  filter: LocationFilter,
  point: BitemporalPoint,
  ruleset?: Ruleset,
): AsyncGenerator<string[]> {
  const past = point.asOf || point.knownAt || ruleset ? point : undefined;
  return pagesOf((cursor) =>
    queries.execute(new ListPlaces(filter, 'id', { limit: PAGE_SIZE, cursor }, past, { ruleset })),
  );
}

async function* timelinesOf(
  queries: QueryExecutor,
  places: LocationFilter,
  filter: TimelineFilter,
  ruleset?: Ruleset,
): AsyncGenerator<Located[]> {
  for await (const states of statesOf(queries, places, pointOf(filter), ruleset))
    for (const state of states) {
      const place = JSON.parse(state) as LocationState;
      yield* timelinePages(queries, place.id, place, filter, ruleset);
    }
}

async function* timelineOf(
  queries: QueryExecutor,
  id: string,
  filter: TimelineFilter,
  ruleset?: Ruleset,
): AsyncGenerator<Located[]> {
  const point = pointOf(filter);
  const past = point.asOf || point.knownAt ? point : undefined;
  const state = await queries.execute(new GetPlace(id, past));
  if (!state)
    throw new Error(
      `there is no place ${id}${point.knownAt ? `, or it was not known at ${point.knownAt}` : ''}`,
    );
  yield* timelinePages(queries, id, JSON.parse(state.json) as LocationState, filter, ruleset);
}

async function* timelinePages(
  queries: QueryExecutor,
  id: string,
  place: LocationState,
  filter: TimelineFilter,
  ruleset?: Ruleset,
): AsyncGenerator<Located[]> {
  // A place that is not known, then or any more, has no statements.
  const empty: Page<StatementItem> = { items: [], nextCursor: null };
  for await (const items of pagesOf(
    async (cursor) =>
      (await queries.execute(new GetTimeline(id, filter, { limit: PAGE_SIZE, cursor }, { ruleset }))) ??
      empty,
  ))
    yield items.map((item) => locatedAt(item, place.coordinatesReported ? null : place.coordinates));
}

/** Only GeoJSON needs the coordinates of places. */
async function* locatedPages(
  queries: QueryExecutor,
  pages: AsyncIterable<StatementItem[]>,
  point: BitemporalPoint,
  format: Format,
): AsyncGenerator<Located[]> {
  for await (const items of pages)
    yield format === 'geojson'
      ? await queries.execute(new LocateStatements(items, point))
      : items.map((item) => locatedAt(item, null));
}

const pointOf = ({ asOf, knownAt }: BitemporalPoint): BitemporalPoint => ({
  asOf: asOf ?? null,
  knownAt: knownAt ?? null,
});

/** The items of a list, page by page: two pages are in memory. */
async function* pagesOf<T>(
  read: (cursor: string | undefined) => Promise<Page<T> | 'cursor-invalid'>,
): AsyncGenerator<T[]> {
  let next: ReturnType<typeof read> | undefined = read(undefined);
  while (next) {
    const page: Page<T> | 'cursor-invalid' = await next;
    if (page === 'cursor-invalid') throw new Error('the list did not take its own cursor');
    // The database reads the next page while this one is written.
    next = page.nextCursor === null ? undefined : read(page.nextCursor);
    // A failure is thrown when the page is awaited, which may never happen.
    next?.catch(() => {});
    yield page.items;
  }
}
