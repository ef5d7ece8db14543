import { availableParallelism } from 'node:os';
import { type Settings, SettingsError } from '#libs/platform';

/** The parts of the service: a process runs one or several, and a part may run in several processes. */
export const PARTS = ['api', 'recorder', 'relay', 'projector'] as const;
export type Part = (typeof PARTS)[number];

/** The parts that need a broker. */
const OF_BROKER: readonly Part[] = ['recorder', 'relay'];

/** The parts that run where none is named: all of them, as far as there is a broker. */
export const allParts = ({ kafka }: Pick<Settings, 'kafka'>): Part[] =>
  PARTS.filter((part) => kafka || !OF_BROKER.includes(part));

/** Those of all parts that run in processes of their own. */
export const forkedParts = (
  { projectorProcess }: Pick<Settings, 'projectorProcess'>,
  cores = availableParallelism(),
): Part[] => ((projectorProcess ?? cores > 1) ? ['projector'] : []);

/** @throws SettingsError where a part needs a broker and none is named */
export function requireBroker(parts: readonly Part[], { kafka }: Pick<Settings, 'kafka'>): void {
  const lacking = kafka ? [] : parts.filter((part) => OF_BROKER.includes(part));
  if (lacking.length > 0)
    throw new SettingsError(`A setting is wrong:\n  KAFKA_BROKERS is needed to start ${lacking.join(', ')}`);
}
