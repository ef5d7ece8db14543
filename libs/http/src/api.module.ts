import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { KeyObject } from 'node:crypto';
import type { Registry } from 'prom-client';
import { EventStore, RulesetStore } from '#libs/log';
import { RULESETS } from '#libs/commands';
import { commandProviders } from '#modules/commands';
import { Register } from '#libs/places';
import { Trees } from '#libs/transparency';
import { type Logger, Readiness } from '#libs/platform';
import { Bookmarks, Completeness, CheckpointWaiter, ReadModels } from '#libs/queries';
import { queryProviders } from '#modules/queries';
import { Jobs, type RequestNeeds } from '#libs/jobs';
import { EventsController } from './reading/events.controller.js';
import { ReadYourWrites } from './reading/read-your-writes.js';
import { ApiMetrics } from './edge/metrics.js';
import { OperationsController } from './operating/operations.controller.js';
import { ProofsController } from './operating/proofs.controller.js';
import { ReadingController } from './reading/reading.controller.js';
import { RegisterController } from './writing/register.controller.js';
import { ReplaysController } from './operating/replays.controller.js';
import { RulesetsController } from './reading/rulesets.controller.js';
import { Rulesets } from './reading/rulesets.js';
import { StatementsController } from './writing/statements.controller.js';
import { StreamController } from './reading/stream.controller.js';
import { OpenStreams } from './edge/streaming.js';
import { CHECKPOINT_KEY, LOGGER, REPLAY_NEEDS } from './di-tokens.js';

/** What the API needs: the log, the read models and the metrics of the process. */
export interface ApiParts {
  store: EventStore;
  register: Register;
  trees: Trees;
  checkpointKey: KeyObject | undefined;
  models: ReadModels;
  waiter: CheckpointWaiter;
  completeness: Completeness;
  rulesets: RulesetStore;
  jobs: Jobs;
  replayNeeds: RequestNeeds;
  registry: Registry;
  readiness: Readiness;
}

@Module({})
export class ApiModule {
  static of(
    {
      store,
      register,
      trees,
      checkpointKey,
      models,
      waiter,
      completeness,
      rulesets,
      jobs,
      replayNeeds,
      readiness,
    }: ApiParts,
    metrics: ApiMetrics,
    log: Logger,
  ): DynamicModule {
    return {
      module: ApiModule,
      imports: [CqrsModule.forRoot()],
      controllers: [
        StatementsController,
        RegisterController,
        ReadingController,
        EventsController,
        ProofsController,
        StreamController,
        ReplaysController,
        RulesetsController,
        OperationsController,
      ],
      providers: [
        { provide: EventStore, useValue: store },
        { provide: RULESETS, useExisting: RulesetStore },
        { provide: Register, useValue: register },
        { provide: Trees, useValue: trees },
        { provide: CHECKPOINT_KEY, useValue: checkpointKey },
        { provide: ReadModels, useValue: models },
        { provide: CheckpointWaiter, useValue: waiter },
        { provide: Completeness, useValue: completeness },
        { provide: Bookmarks, useValue: new Bookmarks(completeness, (stream) => store.shardOf(stream)) },
        { provide: RulesetStore, useValue: rulesets },
        { provide: Jobs, useValue: jobs },
        { provide: REPLAY_NEEDS, useValue: replayNeeds },
        { provide: Readiness, useValue: readiness },
        { provide: ApiMetrics, useValue: metrics },
        { provide: LOGGER, useValue: log },
        { provide: OpenStreams, useValue: new OpenStreams() },
        ReadYourWrites,
        Rulesets,
        ...commandProviders,
        ...queryProviders,
      ],
    };
  }
}
