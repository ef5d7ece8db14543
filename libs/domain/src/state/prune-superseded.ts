import { getOrCreate } from './get-or-create.js';
import { isWhole, type Interpretation } from './interpretation.js';
import { PREDICATES } from '../statement/statement.js';

/**
 * Drops the statements that can no longer affect a state. Among statements with effect of the same speaker, topic and kind,
 * only those of the last instant matter: whatever supersedes the last (a concession, a claim for another holder, a later
 * stance) supersedes the earlier ones too, and the last supersedes whatever they would. A hint or a partial loss matters
 * until a later statement with effect on the same topic ends it.
 * @param interpretations the statements that count at the moment, oldest first
 * @param isUnretracted whether a statement is never retracted, and so counts at every later moment; any other supersedes nothing
 * @returns the statements that are left, oldest first
 */
export function pruneSuperseded(
  interpretations: readonly Interpretation[],
  isUnretracted: (interpretation: Interpretation) => boolean = () => true,
): Interpretation[] {
  /** By speaker and topic: the last instant of each kind. */
  const latest = new Map<string, Map<string, string[]>>();
  const kept: Interpretation[] = [];
  for (let at = interpretations.length - 1; at >= 0; at--) {
    const interpretation = interpretations[at]!;
    const { speaker, topic, weight, statement } = interpretation;
    const instants = latest.get(speaker)?.get(topic);
    if (weight === 'effect') {
      const kind = kindOf(interpretation);
      const last = instants?.[kind];
      if (last !== undefined && last !== statement.statedAt) continue;
      if (last === undefined && isUnretracted(interpretation))
        getOrCreate(
          getOrCreate(latest, speaker, () => new Map<string, string[]>()),
          topic,
          () => [],
        )[kind] = statement.statedAt;
    } else if (instants) continue;
    kept.push(interpretation);
  }
  return kept.reverse();
}

/** Statements of one kind agree in predicate, stance and whether they claim the whole place: they supersede alike. */
const kindOf = ({ statement: { predicate, stance, extent } }: Interpretation): number =>
  PREDICATES.indexOf(predicate) * 4 + (stance === 'assert' ? 2 : 0) + (isWhole(extent) ? 1 : 0);
