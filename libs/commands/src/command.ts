import type { Instant, Ruleset, Signed } from '#libs/domain';
import type { EventStore } from '#libs/log';
import type { Register } from '#libs/places';

/** A command, as data. `R` is the result of its handler. */
export abstract class Command<R> {
  /** For the type only: no command has it. */
  declare readonly result?: R;
}

/** Options of a command. `signature`: who sends it. */
export interface CommandOptions extends Signed {
  traceparent?: string | undefined;
}

/** Executes commands: every door enters here. With Nest it is the CommandBus. */
export interface CommandExecutor {
  execute<R>(command: Command<R>): Promise<R>;
}

/** Injects the CommandExecutor. */
export const COMMANDS = Symbol('commands');

/** Reads the ruleset that commands are decided by. */
export interface RulesetReader {
  inForce(): Promise<Ruleset>;
  /** As `inForce`, up to a moment old: for statements by the thousand. */
  recent(): Promise<Ruleset>;
}

/** Injects the RulesetReader. */
export const RULESETS = Symbol('rulesets');

/** One ruleset, whichever is in force. */
export const fixedRuleset = (ruleset: Ruleset): RulesetReader => ({
  inForce: async () => ruleset,
  recent: async () => ruleset,
});

/** What handlers work with. */
export interface CommandDependencies {
  store: EventStore;
  register: Register;
  rulesets: RulesetReader;
  /** Decides what is in the future; events are recorded with the database's clock. */
  clock: () => Instant;
}
