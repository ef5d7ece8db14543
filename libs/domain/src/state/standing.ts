import type { LiveStances, LiveByTopic } from './live-stances.js';
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
  const claims: FacetClaim[] = [];
  /** By topic, then side. */
  const found = new Map<string, { claim: FacetClaim; bySide: Map<SideKey, SidePosition> }>();
  for (const live of stances)
    for (const interpretation of live.values()) {
      const { facet, holder, topic, side, sign } = interpretation;
      if (only && facet !== only) continue;
      let one = found.get(topic);
      if (!one) {
        one = { claim: { facet, holder, positions: [] }, bySide: new Map() };
        found.set(topic, one);
        claims.push(one.claim);
      }
      const position = one.bySide.get(side);
      if (!position) {
        const first: SidePosition = { side, sign, split: false, live: [interpretation] };
        one.bySide.set(side, first);
        one.claim.positions.push(first);
        continue;
      }
      position.live.push(interpretation);
      if (position.split || position.sign === sign) continue;
      position.split = true;
      // A side that disagrees with itself gives up neither a claim of its own nor a denial of a rival's.
      position.sign = holder === side || holder === null ? 1 : -1;
    }
  return claims;
}

/** Step 5: the standing of each holder's claim to control. */
export function standings(
  claims: readonly FacetClaim[],
  stances: LiveStances,
  ruleset: Ruleset,
): HolderStanding[] {
  const control = claims.filter(({ facet }) => facet === 'control') as (FacetClaim & { holder: SideKey })[];
  const concessions: Interpretation[] = [];
  for (const { holder } of control) {
    const concession = stances.concession(holder);
    if (concession) concessions.push(concession);
  }
  return control.map(({ holder, positions }) => {
    const isAdversary = (side: SideKey) =>
      side !== holder && (ruleset.opposes(side, holder) || control.some((other) => other.holder === side));
    const concededBy =
      concessions.length === 0 ? concessions : concessions.filter(({ side }) => isAdversary(side));
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
  const claiming = positions.every(({ sign }) => sign > 0)
    ? positions
    : positions.filter(({ sign }) => sign > 0);
  if (claiming.length === 0)
    return positions.some(({ side }) => side === holder) ? RULES.byTheHolder : RULES.byOthers;
  if (claiming.length < positions.length) return RULES.claimedAndDenied;
  if (claiming.some(({ side }) => isAdversary(side))) return RULES.adversarySaysSo;
  if (isConceded) return RULES.adversaryConceded;
  if (claiming.length === 1) return RULES.oneSide;
  return originsOf(claiming).size >= 2 ? RULES.twoSidesTwoOrigins : RULES.oneOrigin;
}

function originsOf(positions: readonly SidePosition[]): Set<string> {
  const origins = new Set<string>();
  for (const { live } of positions) for (const { sign, origin } of live) if (sign > 0) origins.add(origin);
  return origins;
}

/** Whether the claim of a holder is open: these holders are L of Step 6. */
export const isOpen = ({ standing }: HolderStanding): boolean =>
  standing !== 'withdrawn' && standing !== 'denied';

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
