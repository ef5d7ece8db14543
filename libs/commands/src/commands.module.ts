import { Module } from '@nestjs/common';
import { CommandBus, CommandHandler } from '@nestjs/cqrs';
import { EventStore, RulesetStore } from '#libs/log';
import { Register } from '#libs/places';
import { type Tracing, TRACING } from '#libs/platform';
import { LogModule } from '#modules/log';
import { PlacesModule } from '#modules/places';
import { COMMANDS, RULESETS, type CommandExecutor, type RulesetReader } from './command.js';
import { COMMAND_HANDLERS, systemClock } from './create-commands.js';
import { tracedCommands } from './traced-commands.js';

/** The handlers of the CommandBus (of ServiceModule), and the bus, traced where there is tracing, as COMMANDS. */
@Module({
  imports: [LogModule, PlacesModule],
  providers: [
    ...COMMAND_HANDLERS.map(([command, handler]) => {
      CommandHandler(command)(handler);
      return {
        provide: handler,
        inject: [EventStore, Register, RULESETS],
        useFactory: (store: EventStore, register: Register, rulesets: RulesetReader) =>
          new handler({ store, register, rulesets, clock: systemClock }),
      };
    }),
    { provide: RULESETS, useExisting: RulesetStore },
    {
      provide: COMMANDS,
      inject: [CommandBus, TRACING],
      useFactory: (bus: CommandExecutor, tracing: Tracing | undefined) =>
        tracing ? tracedCommands(bus, tracing) : bus,
    },
  ],
  exports: [COMMANDS, RULESETS],
})
export class CommandsModule {}
