import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Instant, Interval, LocationId, BitemporalPoint } from '#libs/domain';
import {
  type Asked,
  type ChangeFilter,
  type ChangeItem,
  type Comparison,
  type CursorInvalid,
  type LocationFilter,
  type LocationOrder,
  located,
  type Located,
  type Page,
  type PageRequest,
  ReadModels,
  type StoredState,
  type StatementFilter,
  type StatementItem,
  type TimelineFilter,
} from '#libs/read-models';

type Paged<T> = Page<T> | CursorInvalid;

/** The present state of a place, or (with a bitemporal point) the state at a past moment. */
export class GetLocation extends Query<StoredState | undefined> {
  constructor(
    readonly id: LocationId,
    readonly point: BitemporalPoint | undefined,
    readonly asked: Asked,
  ) {
    super();
  }
}

@QueryHandler(GetLocation)
export class GetLocationHandler implements IQueryHandler<GetLocation> {
  constructor(private readonly models: ReadModels) {}

  execute({ id, point, asked }: GetLocation) {
    return point ? this.models.locationAt(id, point, asked) : this.models.location(id, asked);
  }
}

export class ListLocations extends Query<Paged<string>> {
  constructor(
    readonly filter: LocationFilter,
    readonly order: LocationOrder,
    readonly page: PageRequest,
    readonly point: BitemporalPoint | undefined,
    readonly asked: Asked,
  ) {
    super();
  }
}

@QueryHandler(ListLocations)
export class ListLocationsHandler implements IQueryHandler<ListLocations> {
  constructor(private readonly models: ReadModels) {}

  execute({ filter, order, page, point, asked }: ListLocations) {
    return point
      ? this.models.locationsAt(filter, point, page, asked)
      : this.models.locations(filter, order, page, asked);
  }
}

export class GetTimeline extends Query<Paged<StatementItem> | undefined> {
  constructor(
    readonly id: LocationId,
    readonly filter: TimelineFilter,
    readonly page: PageRequest,
    readonly asked: Asked,
  ) {
    super();
  }
}

@QueryHandler(GetTimeline)
export class GetTimelineHandler implements IQueryHandler<GetTimeline> {
  constructor(private readonly models: ReadModels) {}

  execute({ id, filter, page, asked }: GetTimeline) {
    return this.models.timeline(id, filter, page, asked);
  }
}

export class GetHistory extends Query<Paged<Interval> | undefined> {
  constructor(
    readonly id: LocationId,
    readonly point: BitemporalPoint,
    readonly page: PageRequest,
    readonly asked: Asked,
  ) {
    super();
  }
}

@QueryHandler(GetHistory)
export class GetHistoryHandler implements IQueryHandler<GetHistory> {
  constructor(private readonly models: ReadModels) {}

  execute({ id, point, page, asked }: GetHistory) {
    return this.models.history(id, point, page, asked);
  }
}

export class ListChanges extends Query<Paged<ChangeItem>> {
  constructor(
    readonly filter: ChangeFilter,
    readonly knownAt: Instant | null,
    readonly page: PageRequest,
    readonly asked: Asked,
  ) {
    super();
  }
}

@QueryHandler(ListChanges)
export class ListChangesHandler implements IQueryHandler<ListChanges> {
  constructor(private readonly models: ReadModels) {}

  execute({ filter, knownAt, page, asked }: ListChanges) {
    return this.models.changes(filter, knownAt, page, asked);
  }
}

export class CompareMoments extends Query<Comparison | CursorInvalid | undefined> {
  constructor(
    readonly id: LocationId,
    readonly a: BitemporalPoint,
    readonly b: BitemporalPoint,
    readonly page: PageRequest,
    readonly asked: Asked,
  ) {
    super();
  }
}

@QueryHandler(CompareMoments)
export class CompareMomentsHandler implements IQueryHandler<CompareMoments> {
  constructor(private readonly models: ReadModels) {}

  execute({ id, a, b, page, asked }: CompareMoments) {
    return this.models.compare(id, a, b, page, asked);
  }
}

export class ListStatements extends Query<Paged<StatementItem>> {
  constructor(
    readonly filter: StatementFilter,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListStatements)
export class ListStatementsHandler implements IQueryHandler<ListStatements> {
  constructor(private readonly models: ReadModels) {}

  execute({ filter, page }: ListStatements) {
    return this.models.statements(filter, page);
  }
}

export class GetStatement extends Query<StatementItem | undefined> {
  constructor(readonly id: string) {
    super();
  }
}

@QueryHandler(GetStatement)
export class GetStatementHandler implements IQueryHandler<GetStatement> {
  constructor(private readonly models: ReadModels) {}

  execute({ id }: GetStatement) {
    return this.models.statement(id);
  }
}

/** The places of statements, as known at a bitemporal point. */
export class LocateStatements extends Query<Located[]> {
  constructor(
    readonly items: readonly StatementItem[],
    readonly point: BitemporalPoint,
  ) {
    super();
  }
}

@QueryHandler(LocateStatements)
export class LocateStatementsHandler implements IQueryHandler<LocateStatements> {
  constructor(private readonly models: ReadModels) {}

  execute({ items, point }: LocateStatements) {
    return located(this.models, items, point);
  }
}

export const queryHandlers = [
  GetLocationHandler,
  ListLocationsHandler,
  GetTimelineHandler,
  GetHistoryHandler,
  ListChangesHandler,
  CompareMomentsHandler,
  ListStatementsHandler,
  GetStatementHandler,
  LocateStatementsHandler,
];
