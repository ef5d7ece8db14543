import type { LiveStances, LiveByTopic } from './live-stances.js';
import { getOrCreate } from './get-or-create.js';
import type { Facet, Interpretation, Sign } from './interpretation.js';
import type { Ruleset, SideKey } from '../ruleset.js';

/** The position of one side on one holder: the live statements of its speakers, and the result of Step 4. */
export interface SidePosition {
  side: SideKey;
  sign: Sign;
  split: boolean;
  live: Interpretation[];
}

/** The sides that have a position on one (facet, holder). */
export interface FacetClaim {
  facet: Facet;
  holder: SideKey | null;
  positions: SidePosition[];
}

export const STANDINGS = ['disputed', 'conceded', 'corroborated', 'claimed', 'withdrawn', 'denied'] as const;
export type Standing = (typeof STANDINGS)[number];
export const STATUSES = [
  'contested',
  'conceded',
  'corroborated',
  'claimed',
  'relinquished',
  'denied',
  'unclaimed',
] as const;
export type Status = (typeof STATUSES)[number];

/** The standing of one holder's claim to control, with the rule that fired and, where it rests on one, the concessions. */
export interface HolderStanding {
  holder: SideKey;
  standing: Standing;
  rule: string;
  positions: SidePosition[];
  concededBy: Interpretation[];
}

/** Step 4: the position of each side on each (facet, holder), from the live stances of its speakers; of one facet, if given. */
export function facetClaims(stances: Iterable<LiveByTopic>, only?: Facet): FacetClaim[] {
  const byTopic = new Map<
    string,
    { facet: Facet; holder: SideKey | null; sides: Map<SideKey, Interpretation[]> }
  >();
  for (const live of stances)
    for (const [topic, interpretation] of live) {
      if (only && interpretation.facet !== only) continue;
      const { sides } = getOrCreate(byTopic, topic, () => ({
        facet: interpretation.facet,
        holder: interpretation.holder,
        sides: new Map<SideKey, Interpretation[]>(),
      }));
      getOrCreate(sides, interpretation.side, () => []).push(interpretation);
    }
  return [...byTopic.values()].map(({ facet, holder, sides }) => ({
    facet,
    holder,
    positions: [...sides].map(([side, live]) => {
      const split = live.some(({ sign }) => sign !== live[0]!.sign);
      // A side that disagrees with itself gives up neither a claim of its own nor a denial of a rival's.
      const own = holder === side || holder === null;
      return { side, sign: split ? (own ? 1 : -1) : live[0]!.sign, split, live };
    }),
  }));
}

/** Step 5: the standing of each holder's claim to control. */
export function standings(
  claims: readonly FacetClaim[],
  stances: LiveStances,
  ruleset: Ruleset,
): HolderStanding[] {
  const control = claims.filter(({ facet }) => facet === 'control') as (FacetClaim & { holder: SideKey })[];
  const concessions = control.flatMap(({ holder }) => stances.concession(holder) ?? []);
  return control.map(({ holder, positions }) => {
    const isAdversary = (side: SideKey) =>
      side !== holder && (ruleset.opposes(side, holder) || control.some((other) => other.holder === side));
    const concededBy = concessions.filter(({ side }) => isAdversary(side));
    const { standing, rule } = judged(holder, positions, isAdversary, concededBy.length > 0);
    return {
      holder,
      standing,
      rule,
      positions,
      concededBy: rule === RULES.adversaryConceded.rule ? concededBy : [],
    };
  });
}

/** The rules of Step 5, each with the standing that it gives a claim. */
const RULES = {
  byTheHolder: { standing: 'withdrawn', rule: 'withdrawn/by-the-holder' },
  byOthers: { standing: 'denied', rule: 'denied/by-others' },
  claimedAndDenied: { standing: 'disputed', rule: 'disputed/claimed-and-denied' },
  adversarySaysSo: { standing: 'conceded', rule: 'conceded/adversary-says-so' },
  adversaryConceded: { standing: 'conceded', rule: 'conceded/adversary-conceded' },
  twoSidesTwoOrigins: { standing: 'corroborated', rule: 'corroborated/two-sides-two-origins' },
  oneOrigin: { standing: 'claimed', rule: 'claimed/one-origin' },
  oneSide: { standing: 'claimed', rule: 'claimed/one-side' },
} as const satisfies Record<string, Pick<HolderStanding, 'standing' | 'rule'>>;

/** The rule that fires first. @param positions of every side that has one on the holder: at least one */
function judged(
  holder: SideKey,
  positions: readonly SidePosition[],
  isAdversary: (side: SideKey) => boolean,
  isConceded: boolean,
): (typeof RULES)[keyof typeof RULES] {
  const claiming = positions.filter(({ sign }) => sign > 0);
  if (claiming.length === 0)
    return positions.some(({ side }) => side === holder) ? RULES.byTheHolder : RULES.byOthers;
  if (claiming.length < positions.length) return RULES.claimedAndDenied;
  if (claiming.some(({ side }) => isAdversary(side))) return RULES.adversarySaysSo;
  if (isConceded) return RULES.adversaryConceded;
  if (claiming.length === 1) return RULES.oneSide;
  return originsOf(claiming).size >= 2 ? RULES.twoSidesTwoOrigins : RULES.oneOrigin;
}

const originsOf = (positions: readonly SidePosition[]) =>
  new Set(positions.flatMap(({ live }) => live.filter(({ sign }) => sign > 0).map(({ origin }) => origin)));

const OPEN: readonly Standing[] = ['disputed', 'conceded', 'corroborated', 'claimed'];

/** Whether the claim of a holder is open: these holders are L of Step 6. */
export const isOpen = ({ standing }: HolderStanding): boolean => OPEN.includes(standing);

/** Step 6: the status of the place. */
export function statusOf(holders: readonly HolderStanding[]): { status: Status; rule: string } {
  const open = holders.filter(isOpen);
  const [first] = open;
  if (open.length >= 2) return { status: 'contested', rule: 'contested/two-holders' };
  if (first?.standing === 'disputed') return { status: 'contested', rule: 'contested/one-disputed' };
  if (first) return { status: first.standing as Status, rule: first.rule };
  if (holders.some(({ standing }) => standing === 'withdrawn'))
    return { status: 'relinquished', rule: 'relinquished/withdrawn' };
  if (holders.some(({ standing }) => standing === 'denied'))
    return { status: 'denied', rule: 'denied/denied' };
  return { status: 'unclaimed', rule: 'unclaimed/no-holder' };
}
