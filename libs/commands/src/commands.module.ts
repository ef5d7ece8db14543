import { Module } from '@nestjs/common';
import { EventStore } from '#libs/log';
import { Register } from '#libs/places';
import { LogModule } from '#modules/log';
import { PlacesModule } from '#modules/places';
import { StatementCommands } from './statement-commands.js';

/** What records, for every door. */
@Module({
  imports: [LogModule, PlacesModule],
  providers: [
    {
      provide: StatementCommands,
      inject: [EventStore, Register],
      useFactory: (store: EventStore, register: Register) => new StatementCommands(store, register),
    },
  ],
  exports: [StatementCommands],
})
export class CommandsModule {}
