import { ChangePlace, ChangePlaceHandler } from './change-place.js';
import type { Command, CommandDependencies, CommandExecutor } from './command.js';
import { CorrectStatement, CorrectStatementHandler } from './correct-statement.js';
import { EraseQuote, EraseQuoteHandler } from './erase-quote.js';
import { RecordStatements, RecordStatementsHandler } from './record-statements.js';
import { RetractStatement, RetractStatementHandler } from './retract-statement.js';
import { SetStatementVoided, SetStatementVoidedHandler } from './set-statement-voided.js';

// The library's index exports the commands from here: this file alone lists them.
export { ChangePlace, CorrectStatement, EraseQuote, RecordStatements, RetractStatement, SetStatementVoided };

interface Handler {
  execute(command: Command<unknown>): Promise<unknown>;
}

/** Every command with its handler. */
export const COMMAND_HANDLERS: readonly (readonly [
  command: new (...args: never[]) => Command<unknown>,
  handler: new (dependencies: CommandDependencies) => Handler,
])[] = [
  [RecordStatements, RecordStatementsHandler],
  [RetractStatement, RetractStatementHandler],
  [CorrectStatement, CorrectStatementHandler],
  [SetStatementVoided, SetStatementVoidedHandler],
  [EraseQuote, EraseQuoteHandler],
  [ChangePlace, ChangePlaceHandler],
];

export const systemClock: CommandDependencies['clock'] = () => new Date().toISOString();

/** Executes commands without Nest. */
export function createCommands({
  clock = systemClock,
  ...dependencies
}: Omit<CommandDependencies, 'clock'> & Partial<CommandDependencies>): CommandExecutor {
  const handlers = new Map<unknown, Handler>(
    COMMAND_HANDLERS.map(([command, handler]) => [command, new handler({ ...dependencies, clock })]),
  );
  return {
    execute: <R>(command: Command<R>) => handlers.get(command.constructor)!.execute(command) as Promise<R>,
  };
}
