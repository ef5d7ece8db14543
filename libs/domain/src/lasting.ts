import { entry } from './board.js';
import { isWhole, type Reading } from './reading.js';
import { PREDICATES } from './statement.js';

/**
 * The statements that a state can rest on, of all that count at its moment, oldest first. Of the statements with effect of one
 * kind, by one speaker about one thing, only the last instant matters: what sets the last one aside (a concession, a claim
 * for another holder, a later stance) sets those before it aside too, and what they would set aside, it does.
 */
export function lasting(readings: readonly Reading[]): Reading[] {
  const latest = new Map<string, Map<string, string[]>>();
  const kept: Reading[] = [];
  for (let at = readings.length - 1; at >= 0; at--) {
    const reading = readings[at]!;
    if (reading.weight === 'effect') {
      const { speaker, topic, said } = reading;
      const instants = entry(entry(latest, speaker, () => new Map<string, string[]>()), topic, () => []);
      const kind = kindOf(reading);
      if ((instants[kind] ??= said.statedAt) !== said.statedAt) continue;
    }
    kept.push(reading);
  }
  return kept.reverse();
}

/** Statements of one kind have one sign, and take as much back. */
const kindOf = ({ said: { predicate, stance, extent } }: Reading): number => PREDICATES.indexOf(predicate) * 4 + (stance === 'assert' ? 2 : 0) + (isWhole(extent) ? 1 : 0);
