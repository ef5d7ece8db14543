import 'reflect-metadata';
import type { Kafka } from 'kafkajs';
import type { EventStore, StatementCommands } from '#libs/event-store';
import { StatementIntake } from '#libs/intake';
import type { Logger, Readiness } from '#libs/platform';
import type { ReadModels } from '#libs/read-models';
import { unreadableText, type Topics, type UnreadableBatch } from '#libs/wire';
import { type RunningService, startBackgroundService } from '#libs/worker';
import { RecorderModule } from './recorder.module.js';

/** What a recorder needs. */
export interface RecorderParts {
  commands: StatementCommands;
  store: Pick<EventStore, 'pool'>;
  models: ReadModels;
  readiness: Readiness;
  broker: {
    kafka: Kafka;
    topics: Topics;
    groups: { recorder: string };
    metrics: {
      assigned(group: string): void;
      batch(group: string, messages: number): void;
      dead(code: string): void;
      unreadable(group: string, now: readonly UnreadableBatch[]): void;
    };
  };
}

/** Starts recording the statements and commands of the statements topic. */
export function startRecorder(
  { commands, store, models, readiness, broker: { kafka, topics, groups, metrics } }: RecorderParts,
  log: Logger,
): Promise<RunningService> {
  let failing: string | undefined;
  let unreadable: readonly UnreadableBatch[] = [];
  const well = () => void (failing = undefined);
  const intake = new StatementIntake(kafka, {
    commands,
    ruleset: () => models.ruleset(),
    topics,
    groupId: groups.recorder,
    pool: store.pool,
    onAssigned(partitions) {
      well();
      log.info(
        { partitions: partitions.length },
        'partitions of the statements topic were assigned to this recorder',
      );
      metrics.assigned(groups.recorder);
    },
    onBatch(batch) {
      well();
      metrics.batch(groups.recorder, batch.messages);
      for (const code of batch.dead) metrics.dead(code);
      if (batch.dead.length > 0)
        log.warn(
          { partition: batch.partition, codes: batch.dead },
          'messages could not be recorded; they are among the dead letters',
        );
    },
    onUnreadable(now) {
      unreadable = now;
      metrics.unreadable(groups.recorder, now);
      for (const batch of now)
        log.error(batch, 'a batch of messages cannot be read; its partition waits, the others continue');
    },
    onError(error) {
      failing = (error as Error).message;
      log.warn({ err: error }, 'statements are waiting: they could not be fetched or recorded');
    },
  });
  readiness.add(
    'recorder',
    async () =>
      failing ??
      (unreadable.length > 0
        ? unreadable.map((batch) => `${unreadableText(batch)}: ${batch.reason}`).join('; ')
        : undefined),
  );
  return startBackgroundService(RecorderModule.of(intake, log), log);
}
