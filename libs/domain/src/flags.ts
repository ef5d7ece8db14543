import type { Board } from './board.js';
import { entry } from './entry.js';
import { isHold, isLoss, isWhole, type Reading } from './reading.js';
import { isUnknown, type SideKey } from './ruleset.js';
import type { Question } from './standing.js';
import type { Extent } from './statement.js';

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
export interface Raised {
  flag: Exclude<FlagName, 'provisional' | 'ambiguous'>;
  holder: SideKey | null;
  /** The sides that assert, or stand for, what the flag is about; and those that deny it. */
  asserting: SideKey[];
  denying: SideKey[];
  evidence: Reading[];
}

/**
 * All flags of a place except those of an unresolved one (docs/domain.md, "Flags").
 * @param readings every statement that counts, hints and partial losses too, oldest first
 */
export function raise(readings: readonly Reading[], asked: readonly Question[], board: Board): Raised[] {
  const control = asked
    .filter((question) => question.facet === 'control')
    .map(({ holder, positions }) => ({ holder, live: positions.flatMap((position) => position.live) }));
  const said = census(readings);
  const raised = asked.flatMap(facetFlag);
  const partialLosses = said.partialLosses > 0 ? openEnded(readings, 'partial-loss') : [];
  raised.push(...gather('partial', [...(said.extents > 0 ? partialClaims(control) : []), ...partialLosses]));
  const hints = said.hints > 0 ? openEnded(readings, 'hint') : [];
  raised.push(...gather('hinted', hints));
  const isLossDisputed = said.lossesAsserted > 0 && said.lossesDenied > 0;
  if (said.extents > 0 || isLossDisputed) {
    const left = board.left();
    if (said.extents > 0) for (const claim of control) raised.push(...extentDispute(claim, left));
    if (isLossDisputed) raised.push(...withdrawalDisputes(control, left));
  }
  const split = asked.flatMap(({ positions }) => positions.filter((position) => position.split));
  raised.push(
    ...gather(
      'splitSide',
      split.flatMap(({ live }) => live),
    ),
  );
  const live = asked.flatMap(({ positions }) =>
    positions.flatMap((position) => position.live.filter(isOfUnknown)),
  );
  raised.push(...gather('unknownParty', [...live, ...[...partialLosses, ...hints].filter(isOfUnknown)]));
  return raised;
}

/** The number of statements of each kind that a flag needs: most places have none of most kinds, and skip those flags. */
function census(readings: readonly Reading[]) {
  const found = { extents: 0, hints: 0, partialLosses: 0, lossesAsserted: 0, lossesDenied: 0 };
  for (const { said, weight } of readings) {
    if (said.extent) found.extents += 1;
    if (weight === 'hint') found.hints += 1;
    else if (weight === 'partial-loss') found.partialLosses += 1;
    if (!isLoss(said)) continue;
    if (said.stance === 'assert') found.lossesAsserted += 1;
    else found.lossesDenied += 1;
  }
  return found;
}

function facetFlag({ facet, holder, positions }: Question): Raised[] {
  if (facet === 'control' || !positions.some(({ sign }) => sign > 0)) return [];
  const sides = (wanted: number) => positions.filter(({ sign }) => sign === wanted).map(({ side }) => side);
  return [
    {
      flag: facet,
      holder,
      asserting: sides(1),
      denying: sides(-1),
      evidence: positions.flatMap(({ live }) => live),
    },
  ];
}

/** By a party that the ruleset does not know, or about one. */
const isOfUnknown = ({ side, holder }: Reading): boolean =>
  isUnknown(side) || (holder !== null && isUnknown(holder));

/** The claim to control of one holder, with the live statements about it. */
interface Claim {
  holder: SideKey | null;
  live: Reading[];
}

const partialClaims = (control: readonly Claim[]) =>
  control.flatMap(({ live }) =>
    live.filter(({ said }) => said.stance === 'assert' && isHold(said) && !isWhole(said.extent)),
  );

/** Hints or partial losses that no later statement with effect of the same speaker, facet and holder has ended. */
function openEnded(readings: readonly Reading[], weight: 'hint' | 'partial-loss'): Reading[] {
  // By speaker, then topic: building one joined key for every statement of a long timeline would be most of the work.
  const open = new Map<string, Map<string, Reading[]>>();
  for (const reading of readings) {
    if (reading.weight === 'effect') open.get(reading.speaker)?.delete(reading.topic);
    else if (reading.weight === weight)
      entry(
        entry(open, reading.speaker, () => new Map<string, Reading[]>()),
        reading.topic,
        () => [],
      ).push(reading);
  }
  return [...open.values()].flatMap((topics) => [...topics.values()].flat());
}

function extentDispute({ holder, live }: Claim, left: readonly Reading[]): Raised[] {
  const denials = live.filter(({ said }) => said.stance === 'deny' && isHold(said) && said.extent);
  const percentages = left.filter(
    ({ holder: of, speaker, said }) =>
      of === holder &&
      said.extent !== undefined &&
      'percent' in said.extent &&
      said.stance === 'assert' &&
      isHold(said) &&
      live.some((one) => one.speaker === speaker && one.said.statedAt === said.statedAt),
  );
  const apart = !haveCommonValue(percentages.map(({ said }) => said.extent!));
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
function withdrawalDisputes(control: readonly Claim[], left: readonly Reading[]): Raised[] {
  const latestLoss = new Map<string, Map<string, Reading>>();
  for (const reading of left) {
    if (!isLoss(reading.said)) continue;
    const losses = entry(latestLoss, reading.speaker, () => new Map<string, Reading>());
    if (!losses.has(reading.topic)) losses.set(reading.topic, reading);
  }
  return control.flatMap(({ live }) => {
    const spoken = live.flatMap(({ speaker, topic, sign }) => {
      const loss = latestLoss.get(speaker)?.get(topic);
      return loss && loss.sign === sign ? [loss] : [];
    });
    const asserted = spoken.filter(({ said }) => said.stance === 'assert');
    const denied = spoken.filter(({ said }) => said.stance === 'deny');
    const across = (one: Reading, others: Reading[]) => others.some(({ side }) => side !== one.side);
    return gather('withdrawalDisputed', [
      ...asserted.filter((one) => across(one, denied)),
      ...denied.filter((one) => across(one, asserted)),
    ]);
  });
}

/** One flag for each holder among the statements; the stances of the statements decide who asserts and who denies. */
function gather(flag: Raised['flag'], evidence: readonly Reading[]): Raised[] {
  if (evidence.length === 0) return [];
  const byHolder = new Map<SideKey | null, Reading[]>();
  for (const reading of evidence) entry(byHolder, reading.holder, () => []).push(reading);
  return [...byHolder].map(([holder, readings]) => {
    const sides = (stance: string) => [
      ...new Set(readings.filter(({ said }) => said.stance === stance).map(({ side }) => side)),
    ];
    return { flag, holder, asserting: sides('assert'), denying: sides('deny'), evidence: readings };
  });
}
