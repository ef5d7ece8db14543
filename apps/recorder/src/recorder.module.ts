import { type DynamicModule, Module } from '@nestjs/common';
import type { StatementIntake } from '#libs/intake';
import type { Logger } from '#libs/platform';
import { WORK, Worker, WORKER_LOG, type Work } from '#libs/worker';

/** Records the messages of the statements topic. */
@Module({})
export class RecorderModule {
  static of(intake: StatementIntake, log: Logger): DynamicModule {
    const work: Work = (signal) => intake.run(signal);
    return {
      module: RecorderModule,
      providers: [{ provide: WORK, useValue: work }, { provide: WORKER_LOG, useValue: log }, Worker],
    };
  }
}
