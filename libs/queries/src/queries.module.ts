import type { Provider } from '@nestjs/common';
import { QueryBus, QueryHandler } from '@nestjs/cqrs';
import { QUERY_HANDLERS } from './create-queries.js';
import { QUERIES } from './query.js';
import { ReadModels } from './read-models.js';

/** The handlers of the QueryBus, and the bus as QUERIES. They need ReadModels. */
export const queryProviders: Provider[] = [
  ...QUERY_HANDLERS.map(([query, handler]) => {
    QueryHandler(query)(handler);
    return {
      provide: handler,
      inject: [ReadModels],
      useFactory: (models: ReadModels) => new handler(models),
    };
  }),
  { provide: QUERIES, useExisting: QueryBus },
];
