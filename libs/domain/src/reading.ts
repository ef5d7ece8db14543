import { compare, originKey, type Said } from './said.js';
import type { Party, Ruleset, SideKey } from './ruleset.js';
import type { Extent, Predicate } from './statement.js';
import { remembered } from './text.js';

export type Facet = 'control' | 'encirclement' | 'presence' | 'fighting';
export type Sign = 1 | -1;

/** A statement as one ruleset interprets it: its speaker, side and effect (docs/domain.md, Step 1). */
export interface Reading {
  said: Said;
  /** The speaker in the rules: the party where one is given, else the independent. */
  speaker: string;
  side: SideKey;
  origin: string;
  facet: Facet;
  /** The side whose claim it is about; null for fighting. */
  holder: SideKey | null;
  /** Facet and holder as one key: live stances are kept by it. */
  topic: string;
  sign: Sign;
  /** Hints and partial losses move no standing. */
  weight: 'effect' | 'hint' | 'partial-loss';
}

const FACETS: Record<Predicate, [Facet, Sign]> = {
  captured: ['control', 1],
  controls: ['control', 1],
  lost: ['control', -1],
  withdrew: ['control', -1],
  encircled: ['encirclement', 1],
  entered: ['presence', 1],
  fighting: ['fighting', 1],
};

const topicOf = (facet: Facet) => remembered((holder) => `${facet} ${holder}`);

/** The same few topics recur: one string for each, so that none is hashed twice. */
const TOPICS: Record<Facet, (holder: SideKey) => string> = {
  control: topicOf('control'),
  encirclement: topicOf('encirclement'),
  presence: topicOf('presence'),
  fighting: topicOf('fighting'),
};

/** All of the place: no extent, or `=` or `>=` 100 %. */
export const isWhole = (extent?: Extent): boolean =>
  !extent || ('percent' in extent && extent.percent === 100 && (extent.op === '=' || extent.op === '>='));

export const isLoss = ({ predicate }: Said): boolean => predicate === 'lost' || predicate === 'withdrew';
export const isHold = ({ predicate }: Said): boolean => predicate === 'captured' || predicate === 'controls';

/** Step 1. */
export function read(said: Said, ruleset: Ruleset): Reading {
  const [facet, sign] = FACETS[said.predicate];
  const origin = originKey(said.origin);
  const voice = said.party === undefined ? independent(origin) : ruleset.party(said.party);
  const holder = facet === 'fighting' ? null : ruleset.party(said.actor!).side;
  return {
    said,
    speaker: voice.key,
    side: voice.side,
    origin,
    facet,
    holder,
    topic: holder === null ? facet : TOPICS[facet](holder),
    sign: said.stance === 'assert' ? sign : (-sign as Sign),
    weight: said.hint
      ? 'hint'
      : isLoss(said) && said.stance === 'assert' && !isWhole(said.extent)
        ? 'partial-loss'
        : 'effect',
  };
}

function independent(origin: string): Pick<Party, 'key' | 'side'> {
  const side: SideKey = `independent:${origin}`;
  return { key: side, side };
}

/** Never retracted, so that it counts at every moment after it. */
export const isFirm = ({ said }: Reading): boolean => said.retractions.length === 0;

/** Asserts that the holder has all of the place: this supersedes the speaker's earlier claims for other holders (Step 3). */
export const takesAll = ({ said }: Reading): boolean =>
  said.stance === 'assert' && isHold(said) && isWhole(said.extent);

/** Whether `a` was said before `b` in the total order of statements. */
export const before = (a: Reading, b: Reading): boolean =>
  (compare(a.said.statedAt, b.said.statedAt) ||
    compare(a.said.publishedAt, b.said.publishedAt) ||
    compare(a.said.statementId, b.said.statementId)) < 0;
