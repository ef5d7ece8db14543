import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { KeyObject } from 'node:crypto';
import type { Registry } from 'prom-client';
import { EventStore, Recorder, Register, RulesetStore, Trees } from '#libs/event-store';
import { type Logger, Readiness } from '#libs/platform';
import { Bookmarks, Completeness, Progress, ReadModels } from '#libs/read-models';
import { Replays, type RequestNeeds } from '#libs/replay';
import { commandHandlers } from './commands.js';
import { EventsController } from './events.controller.js';
import { Freshness } from './freshness.js';
import { ApiMetrics } from './metrics.js';
import { OperationsController } from './operations.controller.js';
import { ProofsController } from './proofs.controller.js';
import { queryHandlers } from './queries.js';
import { ReadingController } from './reading.controller.js';
import { RegisterController } from './register.controller.js';
import { ReplaysController } from './replays.controller.js';
import { RulesetsController } from './rulesets.controller.js';
import { Rulesets } from './rulesets.js';
import { StatementsController } from './statements.controller.js';
import { StreamController } from './stream.controller.js';
import { OpenStreams } from './streaming.js';
import { CHECKPOINT_KEY, LOGGER, REPLAY_NEEDS } from './tokens.js';

/** What the API needs: the log, the read models and the metrics of the process. */
export interface ApiParts {
  store: EventStore;
  recorder: Recorder;
  register: Register;
  trees: Trees;
  checkpointKey: KeyObject | undefined;
  models: ReadModels;
  progress: Progress;
  completeness: Completeness;
  rulesets: RulesetStore;
  replays: Replays;
  replayNeeds: RequestNeeds;
  registry: Registry;
  readiness: Readiness;
}

@Module({})
export class ApiModule {
  static of(
    {
      store,
      recorder,
      register,
      trees,
      checkpointKey,
      models,
      progress,
      completeness,
      rulesets,
      replays,
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
        { provide: Recorder, useValue: recorder },
        { provide: Register, useValue: register },
        { provide: Trees, useValue: trees },
        { provide: CHECKPOINT_KEY, useValue: checkpointKey },
        { provide: ReadModels, useValue: models },
        { provide: Progress, useValue: progress },
        { provide: Completeness, useValue: completeness },
        { provide: Bookmarks, useValue: new Bookmarks(completeness, (stream) => store.shardOf(stream)) },
        { provide: RulesetStore, useValue: rulesets },
        { provide: Replays, useValue: replays },
        { provide: REPLAY_NEEDS, useValue: replayNeeds },
        { provide: Readiness, useValue: readiness },
        { provide: ApiMetrics, useValue: metrics },
        { provide: LOGGER, useValue: log },
        { provide: OpenStreams, useValue: new OpenStreams() },
        Freshness,
        Rulesets,
        ...commandHandlers,
        ...queryHandlers,
      ],
    };
  }
}
