import type { Tracing } from '#libs/platform';
import type { CommandExecutor } from './command.js';

/** A span for each command. */
export const tracedCommands = (commands: CommandExecutor, tracing: Tracing): CommandExecutor => ({
  execute: (command) =>
    tracing.span(
      `command ${command.constructor.name}`,
      {
        attributes: {
          'claimline.command': command.constructor.name,
          ...('inputs' in command && { 'claimline.statements': (command.inputs as unknown[]).length }),
        },
      },
      () => commands.execute(command),
    ),
});
