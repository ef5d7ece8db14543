import type { LiveStances } from './live-stances.js';
import { getOrCreate } from './get-or-create.js';
import { isHold, isLoss, isWhole, type Facet, type Interpretation } from './interpretation.js';
import { isUnknown, type SideKey } from '../ruleset.js';
import type { FacetClaim } from './standing.js';
import type { Extent } from '../statement/statement.js';

export const FLAGS = [
  'fighting',
  'encirclement',
  'presence',
  'partial',
  'hinted',
  'extentDisputed',
  'withdrawalDisputed',
  'splitSide',
  'unknownParty',
  'provisional',
  'ambiguous',
] as const;
export type FlagName = (typeof FLAGS)[number];

/** A flag that is raised, for one holder or (null) for the place as such, with the statements it rests on. */
export interface RaisedFlag {
  flag: Exclude<FlagName, 'provisional' | 'ambiguous'>;
  holder: SideKey | null;
  /** The sides that assert, or stand for, what the flag is about; and those that deny it. */
  asserting: SideKey[];
  denying: SideKey[];
  evidence: Interpretation[];
}

/**
 * All flags of a place except those of an unresolved one (docs/domain.md, "Flags").
 * @param interpretations every statement that counts, hints and partial losses too, oldest first
 */
export function raiseFlags(
  interpretations: readonly Interpretation[],
  claims: readonly FacetClaim[],
  stances: LiveStances,
): RaisedFlag[] {
  const counts = census(interpretations);
  const raised: RaisedFlag[] = [];
  const split: Interpretation[] = [];
  const unknown: Interpretation[] = [];
  for (const claim of claims) {
    if (claim.facet !== 'control') raiseFacet(raised, claim);
    for (const position of claim.positions) {
      for (const one of position.live) {
        if (position.split) split.push(one);
        if (isOfUnknown(one)) unknown.push(one);
      }
    }
  }
  let partial: Interpretation[] = [];
  const isLossDisputed = counts.lossesAsserted > 0 && counts.lossesDenied > 0;
  if (counts.extents > 0 || isLossDisputed) {
    const control = claims
      .filter(({ facet }) => facet === 'control')
      .map(({ holder, positions }) => ({ holder, live: positions.flatMap((position) => position.live) }));
    const left = stances.left();
    if (counts.extents > 0) {
      partial = partialClaims(control);
      for (const claim of control) raised.push(...extentDispute(claim, left));
    }
    if (isLossDisputed) raised.push(...withdrawalDisputes(control, left));
  }
  const partialLosses = counts.partialLosses > 0 ? openEnded(interpretations, 'partial-loss') : [];
  const hints = counts.hints > 0 ? openEnded(interpretations, 'hint') : [];
  raised.push(
    ...gather('partial', partialLosses.length > 0 ? [...partial, ...partialLosses] : partial),
    ...gather('hinted', hints),
    ...gather('splitSide', split),
  );
  for (const open of [partialLosses, hints]) for (const one of open) if (isOfUnknown(one)) unknown.push(one);
  raised.push(...gather('unknownParty', unknown));
  return raised;
}

/** The number of statements of each kind that a flag needs: most places have none of most kinds, and skip those flags. */
function census(interpretations: readonly Interpretation[]) {
  const found = { extents: 0, hints: 0, partialLosses: 0, lossesAsserted: 0, lossesDenied: 0 };
  for (const { statement, weight } of interpretations) {
    if (statement.extent) found.extents += 1;
    if (weight === 'hint') found.hints += 1;
    else if (weight === 'partial-loss') found.partialLosses += 1;
    if (!isLoss(statement)) continue;
    if (statement.stance === 'assert') found.lossesAsserted += 1;
    else found.lossesDenied += 1;
  }
  return found;
}

/** The flag of a facet other than control, where some side stands at +. */
function raiseFacet(raised: RaisedFlag[], { facet, holder, positions }: FacetClaim): void {
  const asserting: SideKey[] = [];
  const denying: SideKey[] = [];
  const evidence: Interpretation[] = [];
  for (const { side, sign, live } of positions) {
    (sign > 0 ? asserting : denying).push(side);
    for (const one of live) evidence.push(one);
  }
  if (asserting.length > 0)
    raised.push({ flag: facet as Exclude<Facet, 'control'>, holder, asserting, denying, evidence });
}

/** By a party that the ruleset does not know, or about one. */
const isOfUnknown = ({ side, holder }: Interpretation): boolean =>
  isUnknown(side) || (holder !== null && isUnknown(holder));

/** The claim to control of one holder, with the live statements about it. */
interface Claim {
  holder: SideKey | null;
  live: Interpretation[];
}

const partialClaims = (control: readonly Claim[]) =>
  control.flatMap(({ live }) =>
    live.filter(
      ({ statement }) =>
        statement.extent && statement.stance === 'assert' && isHold(statement) && !isWhole(statement.extent),
    ),
  );

/** Hints or partial losses that no later statement with effect of the same speaker, facet and holder has ended. */
function openEnded(
  interpretations: readonly Interpretation[],
  weight: 'hint' | 'partial-loss',
): Interpretation[] {
  // By speaker, then topic: building one joined key for every statement of a long timeline would be most of the work.
  const open = new Map<string, Map<string, Interpretation[]>>();
  for (const interpretation of interpretations) {
    if (interpretation.weight === 'effect') open.get(interpretation.speaker)?.delete(interpretation.topic);
    else if (interpretation.weight === weight)
      getOrCreate(
        getOrCreate(open, interpretation.speaker, () => new Map<string, Interpretation[]>()),
        interpretation.topic,
        () => [],
      ).push(interpretation);
  }
  return [...open.values()].flatMap((topics) => [...topics.values()].flat());
}

function extentDispute({ holder, live }: Claim, left: readonly Interpretation[]): RaisedFlag[] {
  const denials = live.filter(
    ({ statement }) => statement.extent && statement.stance === 'deny' && isHold(statement),
  );
  const percentages = left.filter(
    ({ holder: of, speaker, statement }) =>
      statement.extent !== undefined &&
      of === holder &&
      'percent' in statement.extent &&
      statement.stance === 'assert' &&
      isHold(statement) &&
      live.some((one) => one.speaker === speaker && one.statement.statedAt === statement.statedAt),
  );
  const apart = !haveCommonValue(percentages.map(({ statement }) => statement.extent!));
  const evidence = [...(apart ? percentages : []), ...denials];
  return gather('extentDisputed', evidence);
}

/** Whether some percentage from 0 to 100 is within all of the extents. */
export function haveCommonValue(extents: readonly Extent[]): boolean {
  let low = 0;
  let high = 100;
  let lowOpen = false;
  let highOpen = false;
  for (const extent of extents) {
    if (!('percent' in extent)) continue;
    const { op, percent } = extent;
    if (op !== '<' && op !== '<=') {
      if (percent > low || (percent === low && op === '>')) lowOpen = op === '>';
      low = Math.max(low, percent);
    }
    if (op !== '>' && op !== '>=') {
      if (percent < high || (percent === high && op === '<')) highOpen = op === '<';
      high = Math.min(high, percent);
    }
  }
  return low < high || (low === high && !lowOpen && !highOpen);
}

/** For one holder: a speaker of one side last said that it left, one of another side last denied it, and both stand by it. */
function withdrawalDisputes(control: readonly Claim[], left: readonly Interpretation[]): RaisedFlag[] {
  const latestLoss = new Map<string, Map<string, Interpretation>>();
  for (const interpretation of left) {
    if (!isLoss(interpretation.statement)) continue;
    const losses = getOrCreate(latestLoss, interpretation.speaker, () => new Map<string, Interpretation>());
    if (!losses.has(interpretation.topic)) losses.set(interpretation.topic, interpretation);
  }
  return control.flatMap(({ live }) => {
    const spoken = live.flatMap(({ speaker, topic, sign }) => {
      const loss = latestLoss.get(speaker)?.get(topic);
      return loss && loss.sign === sign ? [loss] : [];
    });
    const asserted = spoken.filter(({ statement }) => statement.stance === 'assert');
    const denied = spoken.filter(({ statement }) => statement.stance === 'deny');
    const across = (one: Interpretation, others: Interpretation[]) =>
      others.some(({ side }) => side !== one.side);
    return gather('withdrawalDisputed', [
      ...asserted.filter((one) => across(one, denied)),
      ...denied.filter((one) => across(one, asserted)),
    ]);
  });
}

/** One flag for each holder among the statements; the stances of the statements decide who asserts and who denies. */
function gather(flag: RaisedFlag['flag'], evidence: readonly Interpretation[]): RaisedFlag[] {
  if (evidence.length === 0) return [];
  const byHolder = new Map<SideKey | null, Interpretation[]>();
  for (const interpretation of evidence)
    getOrCreate(byHolder, interpretation.holder, () => []).push(interpretation);
  return [...byHolder].map(([holder, interpretations]) => {
    const [asserting, denying] = [new Set<SideKey>(), new Set<SideKey>()];
    for (const { statement, side } of interpretations)
      (statement.stance === 'assert' ? asserting : denying).add(side);
    return { flag, holder, asserting: [...asserting], denying: [...denying], evidence: interpretations };
  });
}
