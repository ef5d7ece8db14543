import type { LocationState, BitemporalPoint } from '#libs/domain';
import {
  located,
  locatedAt,
  type Located,
  type LocationFilter,
  type Page,
  type ReadModels,
  type StatementFilter,
  type StatementItem,
  type TimelineFilter,
} from '#libs/read-models';
import type { CsvStyle } from './csv.js';
import { stateFormat, statementFormat, type Format } from './formats.js';
import type { TextChunk } from './text-chunk.js';

type Models = Pick<
  ReadModels,
  'location' | 'locationAt' | 'locations' | 'locationsAt' | 'places' | 'statements' | 'timeline'
>;

/** The style applies to CSV only. */
export interface FormatOptions extends CsvStyle {
  format: Format;
}

/** Twice the largest page of lists, because each query has a fixed cost. Larger pages were not faster. */
const PAGE_SIZE = 1000;

/** States of places, by id, at a bitemporal point. */
export function exportStates(
  models: Models,
  filter: LocationFilter,
  point: BitemporalPoint,
  { format, ...style }: FormatOptions,
): AsyncGenerator<TextChunk> {
  return stateFormat(format, style)(statesOf(models, filter, point));
}

/** Statements across places, newest first, at the filter's bitemporal point. */
export function exportStatements(
  models: Models,
  filter: StatementFilter,
  { format, ...style }: FormatOptions,
): AsyncGenerator<TextChunk> {
  const pages = pagesOf((cursor) => models.statements(filter, { limit: PAGE_SIZE, cursor }));
  return statementFormat(format, style)(locatedPages(models, pages, pointOf(filter), format));
}

/**
 * The timeline of a place, or those of all places that match, place by place, at a bitemporal point.
 * @throws Error if there is no such place
 */
export function exportTimelines(
  models: Models,
  places: { id: string } | LocationFilter,
  filter: TimelineFilter,
  { format, ...style }: FormatOptions,
): AsyncGenerator<TextChunk> {
  return statementFormat(
    format,
    style,
  )('id' in places ? timelineOf(models, places.id, filter) : timelinesOf(models, places, filter));
}

function statesOf(models: Models, filter: LocationFilter, point: BitemporalPoint): AsyncGenerator<string[]> {
  const past = point.asOf || point.knownAt;
  return pagesOf((cursor) =>
    past
      ? models.locationsAt(filter, point, { limit: PAGE_SIZE, cursor })
      : models.locations(filter, 'id', { limit: PAGE_SIZE, cursor }),
  );
}

async function* timelinesOf(
  models: Models,
  places: LocationFilter,
  filter: TimelineFilter,
): AsyncGenerator<Located[]> {
  for await (const states of statesOf(models, places, pointOf(filter)))
    for (const state of states) {
      const place = JSON.parse(state) as LocationState;
      yield* timelinePages(models, place.id, place, filter);
    }
}

async function* timelineOf(models: Models, id: string, filter: TimelineFilter): AsyncGenerator<Located[]> {
  const point = pointOf(filter);
  const state = await (point.asOf || point.knownAt ? models.locationAt(id, point) : models.location(id));
  if (!state)
    throw new Error(
      `there is no place ${id}${point.knownAt ? `, or it was not known at ${point.knownAt}` : ''}`,
    );
  yield* timelinePages(models, id, JSON.parse(state.json) as LocationState, filter);
}

async function* timelinePages(
  models: Models,
  id: string,
  place: LocationState,
  filter: TimelineFilter,
): AsyncGenerator<Located[]> {
  // A place that is not known, then or any more, has no statements.
  const empty: Page<StatementItem> = { items: [], nextCursor: null };
  for await (const items of pagesOf(
    async (cursor) => (await models.timeline(id, filter, { limit: PAGE_SIZE, cursor })) ?? empty,
  ))
    yield items.map((item) => locatedAt(item, place.coordinatesReported ? null : place.coordinates));
}

/** Only GeoJSON needs the coordinates of places. */
async function* locatedPages(
  models: Models,
  pages: AsyncIterable<StatementItem[]>,
  point: BitemporalPoint,
  format: Format,
): AsyncGenerator<Located[]> {
  for await (const items of pages)
    yield format === 'geojson'
      ? await located(models, items, point)
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
