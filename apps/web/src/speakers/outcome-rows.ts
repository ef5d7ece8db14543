import type { Outcome, Outcomes } from '../api/reading-answers.js';

/** In the order of the definitions: the first that holds counts. */
export const OUTCOMES: readonly Outcome[] = [
  'voided',
  'retracted',
  'no-effect',
  'disputed',
  'conceded',
  'corroborated',
  'claimed',
  'withdrawn',
  'denied',
  'superseded',
];

/** An outcome with its counts; null where it does not depend on what the statement is for or against. */
export interface OutcomeRow {
  outcome: Outcome;
  count: number;
  for: number | null;
  against: number | null;
}

/** Each outcome once, also those that no statement has had. */
export function outcomeRows({ outcomes }: Pick<Outcomes, 'outcomes'>): OutcomeRow[] {
  return OUTCOMES.map((outcome) => {
    const counts = outcomes.filter((one) => one.outcome === outcome);
    const of = (position: 'for' | 'against' | null) =>
      counts.find((one) => one.position === position)?.count ?? 0;
    const isWhole = outcome === 'voided' || outcome === 'retracted' || outcome === 'no-effect';
    return {
      outcome,
      count: counts.reduce((sum, { count }) => sum + count, 0),
      for: isWhole ? null : of('for'),
      against: isWhole ? null : of('against'),
    };
  });
}
