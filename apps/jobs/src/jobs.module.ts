import { Module } from '@nestjs/common';
import { JobWorkerModule } from '#modules/jobs';

/** Does jobs while there are any. */
@Module({ imports: [JobWorkerModule] })
export class JobsProcess {}
