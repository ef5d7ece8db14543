import {
  type BitemporalPoint,
  interpret,
  isVoided,
  retractionsOf,
  STANDINGS,
  type RecordedStatement,
  type Ruleset,
} from '#libs/domain';
import type { StandingSummary } from '#libs/projection';

/** What has become of a statement: each has one. Standings are those of the claim that it is for or against, at its place. */
export const OUTCOMES = ['voided', 'retracted', 'no-effect', ...STANDINGS, 'superseded'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const POSITIONS = ['for', 'against'] as const;

export interface StatementOutcome {
  outcome: Outcome;
  /** Whether it is for the control of a holder, or against it; null where the outcome does not depend on it. */
  position: (typeof POSITIONS)[number] | null;
}

/** The claims to control of a place, with what they stand at. */
export type Control = readonly Pick<StandingSummary, 'holder' | 'standing'>[];

/** As the table has it; null where a place has no state. */
export const controlFrom = (column: string | null): Control =>
  JSON.parse(column ?? '[]') as StandingSummary[];

/**
 * The first that holds of: voided, retracted, without effect on any claim to control; else the standing of that claim.
 * @param control of its place, at the point
 */
export function outcomeOf(
  said: RecordedStatement,
  control: Control,
  ruleset: Ruleset,
  point: BitemporalPoint = {},
): StatementOutcome {
  if (isVoided(said.marks, point.knownAt)) return { outcome: 'voided', position: null };
  if (retractionsOf(said, point).length > 0) return { outcome: 'retracted', position: null };
  const { facet, holder, sign, weight } = interpret(said, ruleset);
  if (facet !== 'control' || weight !== 'effect') return { outcome: 'no-effect', position: null };
  const claim = control.find((one) => ruleset.party(one.holder).side === holder);
  return { outcome: claim?.standing ?? 'superseded', position: sign > 0 ? 'for' : 'against' };
}

// Row by row, by the keys: a join would read the whole table.

/** Joins the place that a place is merged into by now, or itself. */
export const placeNow = (schema: string, id: string): string =>
  `cross join lateral (select root_id from ${schema}.location l where l.id = ${id} limit 1) l`;

/** Joins `control` of the state of a place. */
export const controlOf = (schema: string, root: string): string =>
  `left join lateral (select control from ${schema}.location_state s where s.id = ${root} limit 1) s on true`;
