import { entry } from './entry.js';
import { isWhole, type Reading } from './reading.js';
import { PREDICATES } from './statement.js';

/**
 * The statements that a state can rest on, of all that count at its moment, oldest first. Of the statements with effect of one
 * kind, by one speaker about one thing, only the last instant matters: what sets the last one aside (a concession, a claim
 * for another holder, a later stance) sets those before it aside too, and what they would set aside, it does. A hint or a
 * partial loss matters until a statement with effect ends it.
 * @param isFirm whether a statement counts whatever moment is asked about; one that does not sets nothing before it aside
 */
export function lasting(
  readings: readonly Reading[],
  isFirm: (reading: Reading) => boolean = () => true,
): Reading[] {
  /** By speaker and topic: of each kind, the last instant. */
  const latest = new Map<string, Map<string, string[]>>();
  const kept: Reading[] = [];
  for (let at = readings.length - 1; at >= 0; at--) {
    const reading = readings[at]!;
    const { speaker, topic, weight, said } = reading;
    const instants = latest.get(speaker)?.get(topic);
    if (weight === 'effect') {
      const kind = kindOf(reading);
      const last = instants?.[kind];
      if (last !== undefined && last !== said.statedAt) continue;
      if (last === undefined && isFirm(reading))
        entry(
          entry(latest, speaker, () => new Map<string, string[]>()),
          topic,
          () => [],
        )[kind] = said.statedAt;
    } else if (instants) continue;
    kept.push(reading);
  }
  return kept.reverse();
}

/** Statements of one kind have one sign, and take as much back. */
const kindOf = ({ said: { predicate, stance, extent } }: Reading): number =>
  PREDICATES.indexOf(predicate) * 4 + (stance === 'assert' ? 2 : 0) + (isWhole(extent) ? 1 : 0);
