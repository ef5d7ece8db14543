import type { BitemporalPoint, Instant } from '#libs/domain';
import {
  CompareMoments,
  createQueries,
  GetHistory,
  GetPlace,
  GetStatement,
  GetTimeline,
  ListChanges,
  ListPlaces,
  ListStatements,
  ReadModels,
  type ChangeFilter,
  type ChangesShown,
  type LocationFilter,
  type LocationOrder,
  type PageRequest,
  type Query,
  type QueryExecutor,
  type QueryOptions,
  type StatementFilter,
  type TimelineFilter,
} from '#libs/queries';

/** Read models that answer queries, with the queries of tests as methods. */
export class ModelQueries extends ReadModels implements QueryExecutor {
  private readonly queries = createQueries(this);

  execute<R>(query: Query<R>): Promise<R> {
    return this.queries.execute(query);
  }

  place(id: string, point?: BitemporalPoint, options?: QueryOptions) {
    return this.execute(new GetPlace(id, point, options));
  }
  places(filter: LocationFilter, order: LocationOrder, page: PageRequest, options?: QueryOptions) {
    return this.execute(new ListPlaces(filter, order, page, undefined, options));
  }
  placesAt(filter: LocationFilter, point: BitemporalPoint, page: PageRequest, options?: QueryOptions) {
    return this.execute(new ListPlaces(filter, 'id', page, point, options));
  }
  timeline(id: string, filter: TimelineFilter, page: PageRequest, options?: QueryOptions) {
    return this.execute(new GetTimeline(id, filter, page, options));
  }
  history(id: string, point: BitemporalPoint, page: PageRequest, options?: QueryOptions) {
    return this.execute(new GetHistory(id, point, page, options));
  }
  changes(
    filter: ChangeFilter,
    knownAt: Instant | null,
    page: PageRequest,
    options?: QueryOptions,
    shown?: ChangesShown,
  ) {
    return this.execute(new ListChanges(filter, knownAt, page, options, shown));
  }
  compare(id: string, a: BitemporalPoint, b: BitemporalPoint, page: PageRequest, options?: QueryOptions) {
    return this.execute(new CompareMoments(id, a, b, page, options));
  }
  statements(filter: StatementFilter, page: PageRequest) {
    return this.execute(new ListStatements(filter, page));
  }
  statement(id: string) {
    return this.execute(new GetStatement(id));
  }
}
