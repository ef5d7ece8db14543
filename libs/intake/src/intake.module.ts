import { Module } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { type CommandExecutor, COMMANDS } from '#libs/commands';
import { EventStore } from '#libs/log';
import { unreadableText, type UnreadableBatch } from '#libs/messaging';
import {
  BackgroundTask,
  LOGGER,
  type Logger,
  Readiness,
  SETTINGS,
  type Settings,
  STOPPING,
  type Tracing,
  TRACING,
} from '#libs/platform';
import { CommandsModule } from '#modules/commands';
import { LogModule } from '#modules/log';
import { BROKER, type Broker, MessagingModule } from '#modules/messaging';
import { DeadLetters } from './dead-letters/dead-letters.js';
import { letterIdOf } from './dead-letters/letter-id.js';
import { LetterCollector } from './dead-letters/letter-collector.js';
import { Executor } from './requests/executor.js';
import { StatementIntake } from './statement-intake.js';

/** The dead letters, for those who decide on them. */
@Module({
  imports: [LogModule, CommandsModule, MessagingModule],
  providers: [
    {
      provide: DeadLetters,
      inject: [COMMANDS, EventStore, BROKER, LOGGER, SETTINGS],
      useFactory: (
        commands: CommandExecutor,
        store: EventStore,
        broker: Broker | undefined,
        log: Logger,
        { kafka }: Settings,
      ) =>
        new DeadLetters(
          store,
          broker?.kafka,
          broker?.topics.deadLetters ?? '',
          new Executor({
            commands,
            onError: (error) => log.warn({ err: error }, 'a dead letter waits to be recorded'),
          }),
          (letter, error) =>
            log.error({ err: error, letter: letterIdOf(letter) }, 'the database cannot keep a dead letter'),
          kafka?.producersTrusted,
        ),
    },
    {
      provide: LetterCollector,
      inject: [DeadLetters, LOGGER],
      useFactory: (letters: DeadLetters, log: Logger) =>
        new LetterCollector(letters, (error) =>
          log.warn({ err: error }, 'the topic of dead letters could not be read'),
        ),
    },
  ],
  exports: [DeadLetters, LetterCollector],
})
export class DeadLettersModule {}

const RECORDER_TASK = Symbol('recorder task');

/** The recorder: records the statements and commands of the statements topic. */
@Module({
  imports: [LogModule, CommandsModule, MessagingModule],
  providers: [
    {
      provide: StatementIntake,
      inject: [COMMANDS, EventStore, BROKER, LOGGER, Registry, Readiness, SETTINGS, TRACING],
      useFactory: intakeOf,
    },
    {
      provide: RECORDER_TASK,
      inject: [StatementIntake, BROKER, LOGGER, STOPPING],
      useFactory: (intake: StatementIntake, { gate }: Broker, log: Logger, stopping: AbortController) =>
        new BackgroundTask((signal) => intake.run(signal), log, stopping, gate.pass()),
    },
  ],
})
export class RecorderModule {}

function intakeOf(
  commands: CommandExecutor,
  store: EventStore,
  { kafka, topics, groups, metrics }: Broker,
  log: Logger,
  registry: Registry,
  readiness: Readiness,
  settings: Settings,
  tracing?: Tracing,
): StatementIntake {
  const dead = new Counter({
    name: 'claimline_dead_letters_total',
    help: 'Messages that could not be recorded, by code',
    labelNames: ['code'],
    registers: [registry],
  });
  let failing: string | undefined;
  let unreadable: readonly UnreadableBatch[] = [];
  const clearFailure = () => void (failing = undefined);
  readiness.add(
    'recorder',
    async () =>
      failing ??
      (unreadable.length > 0
        ? unreadable.map((batch) => `${unreadableText(batch)}: ${batch.reason}`).join('; ')
        : undefined),
  );
  return new StatementIntake(kafka, {
    commands,
    topics,
    groupId: groups.recorder,
    producersTrusted: settings.kafka?.producersTrusted,
    pool: store.pool,
    tracing,
    onAssigned(partitions) {
      clearFailure();
      log.info(
        { partitions: partitions.length },
        'partitions of the statements topic were assigned to this recorder',
      );
      metrics.assigned(groups.recorder);
    },
    onBatch(batch) {
      clearFailure();
      metrics.batch(groups.recorder, batch.messages);
      for (const code of batch.dead) dead.labels(code).inc();
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
}
