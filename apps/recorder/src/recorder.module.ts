import { Module } from '@nestjs/common';
import { RecorderModule } from '#modules/intake';
import { ServiceModule } from '#modules/service';

/** Records the messages of the statements topic. */
@Module({ imports: [ServiceModule, RecorderModule] })
export class RecorderProcess {}
