import { entry } from './entry.js';
import { isWhole, type Reading } from './reading.js';
import { PREDICATES } from './statement.js';

/**
 * Drops the statements that can no longer affect a state. Among statements with effect of the same speaker, topic and kind,
 * only those of the last instant matter: whatever supersedes the last (a concession, a claim for another holder, a later
 * stance) supersedes the earlier ones too, and the last supersedes whatever they would. A hint or a partial loss matters
 * until a later statement with effect on the same topic ends it.
 * @param readings the statements that count at the moment, oldest first
 * @param isFirm whether a statement is never retracted, and so counts at every later moment; any other supersedes nothing
 * @returns the statements that are left, oldest first
 */
export function lasting(
  readings: readonly Reading[],
  isFirm: (reading: Reading) => boolean = () => true,
): Reading[] {
  /** By speaker and topic: the last instant of each kind. */
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

/** Statements of one kind agree in predicate, stance and whether they claim the whole place: they supersede alike. */
const kindOf = ({ said: { predicate, stance, extent } }: Reading): number =>
  PREDICATES.indexOf(predicate) * 4 + (stance === 'assert' ? 2 : 0) + (isWhole(extent) ? 1 : 0);
