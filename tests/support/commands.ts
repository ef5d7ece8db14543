import { parseRuleset, type Instant, type Ruleset } from '#libs/domain';
import { createCommands, fixedRuleset, type CommandExecutor } from '#libs/commands';
import type { EventStore } from '#libs/log';
import { Register } from '#libs/places';

const NO_SIDES: Ruleset = (() => {
  const parsed = parseRuleset({ version: '1', sides: [], parties: [] });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.ruleset;
})();

/** Executes commands on a store, under one ruleset (default: one without sides). */
export const commandsOn = (
  store: EventStore,
  ruleset: Ruleset = NO_SIDES,
  clock?: () => Instant,
): CommandExecutor =>
  createCommands({ store, register: new Register(store), rulesets: fixedRuleset(ruleset), clock });
