import type { Provider } from '@nestjs/common';
import { CommandBus, CommandHandler } from '@nestjs/cqrs';
import { EventStore } from '#libs/log';
import { Register } from '#libs/places';
import { COMMANDS, RULESETS, type RulesetReader } from './command.js';
import { COMMAND_HANDLERS, systemClock } from './create-commands.js';

/** The handlers of the CommandBus, and the bus as COMMANDS. They need EventStore, Register and RULESETS. */
export const commandProviders: Provider[] = [
  ...COMMAND_HANDLERS.map(([command, handler]) => {
    CommandHandler(command)(handler);
    return {
      provide: handler,
      inject: [EventStore, Register, RULESETS],
      useFactory: (store: EventStore, register: Register, rulesets: RulesetReader) =>
        new handler({ store, register, rulesets, clock: systemClock }),
    };
  }),
  { provide: COMMANDS, useExisting: CommandBus },
];
