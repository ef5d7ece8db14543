import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { HANDLERS } from './queries.js';
import { QUERIES } from './query.js';
import { ReadModels } from './read-models.js';

for (const [query, handler] of HANDLERS) QueryHandler(query)(handler);

/** Registers the handlers on the QueryBus, which is injected as `QUERIES`. Modules import `CqrsModule` itself: its buses are then one. */
@Module({})
export class QueriesModule {
  static of(models: ReadModels): DynamicModule {
    return {
      module: QueriesModule,
      imports: [CqrsModule],
      providers: [
        { provide: ReadModels, useValue: models },
        ...HANDLERS.map(([, Handler]) => ({
          provide: Handler,
          useFactory: (tables: ReadModels) => new Handler(tables),
          inject: [ReadModels],
        })),
        { provide: QUERIES, useExisting: QueryBus },
      ],
      exports: [ReadModels, QUERIES],
    };
  }
}
