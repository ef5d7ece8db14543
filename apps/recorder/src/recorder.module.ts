import { type DynamicModule, Module } from '@nestjs/common';
import type { StatementIntake } from '#libs/intake';
import type { Logger } from '#libs/platform';
import { BACKGROUND_TASK, BackgroundService, BACKGROUND_LOGGER, type BackgroundTask } from '#libs/service';

/** Records the messages of the statements topic. */
@Module({})
export class RecorderModule {
  static of(intake: StatementIntake, log: Logger): DynamicModule {
    const work: BackgroundTask = (signal) => intake.run(signal);
    return {
      module: RecorderModule,
      providers: [
        { provide: BACKGROUND_TASK, useValue: work },
        { provide: BACKGROUND_LOGGER, useValue: log },
        BackgroundService,
      ],
    };
  }
}
