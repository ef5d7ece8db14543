import { CompareMoments, CompareMomentsHandler } from './places/compare-moments.js';
import { ListChanges, ListChangesHandler } from './changes/list-changes.js';
import { CountDays, CountDaysHandler } from './map/count-days.js';
import { CountFacets, CountFacetsHandler } from './map/count-facets.js';
import { GetMap, GetMapHandler } from './map/get-map.js';
import { GetMapChanges, GetMapChangesHandler } from './map/get-map-changes.js';
import { GetModelsVersion, GetModelsVersionHandler } from './map/models-version.js';
import { GetHistory, GetHistoryHandler } from './places/get-history.js';
import { GetPlace, GetPlaceHandler } from './places/get-place.js';
import { GetPlaces, GetPlacesHandler } from './places/get-places.js';
import { ListPlaces, ListPlacesHandler } from './places/list-places.js';
import type { QueryExecutor } from './query.js';
import type { ReadModels } from './read-models.js';
import { CountOutcomes, CountOutcomesHandler } from './statements/count-outcomes.js';
import { GetStatement, GetStatementHandler } from './statements/get-statement.js';
import { GetStatements, GetStatementsHandler } from './statements/get-statements.js';
import { GetTimeline, GetTimelineHandler } from './statements/get-timeline.js';
import { ListStatements, ListStatementsHandler } from './statements/list-statements.js';
import { LocateStatements, LocateStatementsHandler } from './statements/locate-statements.js';

// The library's index exports the queries from here: this file alone lists them.
export {
  CompareMoments,
  CountDays,
  CountFacets,
  CountOutcomes,
  GetHistory,
  GetMap,
  GetMapChanges,
  GetModelsVersion,
  GetPlace,
  GetPlaces,
  GetStatement,
  GetStatements,
  GetTimeline,
  ListChanges,
  ListPlaces,
  ListStatements,
  LocateStatements,
};

/** Every query, with its handler. */
export const QUERY_HANDLERS = [
  [GetPlace, GetPlaceHandler],
  [GetPlaces, GetPlacesHandler],
  [ListPlaces, ListPlacesHandler],
  [GetHistory, GetHistoryHandler],
  [CompareMoments, CompareMomentsHandler],
  [GetTimeline, GetTimelineHandler],
  [ListStatements, ListStatementsHandler],
  [GetStatement, GetStatementHandler],
  [GetStatements, GetStatementsHandler],
  [LocateStatements, LocateStatementsHandler],
  [ListChanges, ListChangesHandler],
  [GetModelsVersion, GetModelsVersionHandler],
  [GetMap, GetMapHandler],
  [GetMapChanges, GetMapChangesHandler],
  [CountDays, CountDaysHandler],
  [CountFacets, CountFacetsHandler],
  [CountOutcomes, CountOutcomesHandler],
] as const;

/** Answers queries without Nest. */
export function createQueries(models: ReadModels): QueryExecutor {
  const handlers = new Map<unknown, QueryExecutor>(
    QUERY_HANDLERS.map(([query, Handler]) => [query, new Handler(models) as QueryExecutor]),
  );
  return { execute: async (query) => handlers.get(query.constructor)!.execute(query) };
}
