import { Module } from '@nestjs/common';
import { RelayModule } from '#modules/feed';
import { ServiceModule } from '#modules/service';

/** Relays the log to Kafka. */
@Module({ imports: [ServiceModule, RelayModule] })
export class RelayProcess {}
