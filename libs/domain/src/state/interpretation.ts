import { compare, originKey, type RecordedStatement } from '../events/recorded-statement.js';
import type { Party, Ruleset, SideKey } from '../ruleset.js';
import type { Extent, Predicate } from '../statement/statement.js';
import { memoize } from '../values/text.js';

export type Facet = 'control' | 'encirclement' | 'presence' | 'fighting';
export type Sign = 1 | -1;

/** A statement as one ruleset interprets it: its speaker, side and effect (docs/domain.md, Step 1). */
export interface Interpretation {
  statement: RecordedStatement;
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

const topicOf = (facet: Facet) => memoize((holder) => `${facet} ${holder}`);

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

export const isLoss = ({ predicate }: RecordedStatement): boolean =>
  predicate === 'lost' || predicate === 'withdrew';
export const isHold = ({ predicate }: RecordedStatement): boolean =>
  predicate === 'captured' || predicate === 'controls';

/** Step 1. */
export function interpret(statement: RecordedStatement, ruleset: Ruleset): Interpretation {
  const [facet, sign] = FACETS[statement.predicate];
  const origin = originKey(statement.origin);
  const voice = statement.party === undefined ? independent(origin) : ruleset.party(statement.party);
  const holder = facet === 'fighting' ? null : ruleset.party(statement.actor!).side;
  return {
    statement,
    speaker: voice.key,
    side: voice.side,
    origin,
    facet,
    holder,
    topic: holder === null ? facet : TOPICS[facet](holder),
    sign: statement.stance === 'assert' ? sign : (-sign as Sign),
    weight: statement.hint
      ? 'hint'
      : isLoss(statement) && statement.stance === 'assert' && !isWhole(statement.extent)
        ? 'partial-loss'
        : 'effect',
  };
}

function independent(origin: string): Pick<Party, 'key' | 'side'> {
  const side: SideKey = `independent:${origin}`;
  return { key: side, side };
}

/** Never retracted, so that it counts at every moment after it. */
export const isUnretracted = ({ statement }: Interpretation): boolean => statement.retractions.length === 0;

/** Asserts that the holder has all of the place: this supersedes the speaker's earlier claims for other holders (Step 3). */
export const takesAll = ({ statement }: Interpretation): boolean =>
  statement.stance === 'assert' && isHold(statement) && isWhole(statement.extent);

/** Whether `a` was said before `b` in the total order of statements. */
export const before = (a: Interpretation, b: Interpretation): boolean =>
  (compare(a.statement.statedAt, b.statement.statedAt) ||
    compare(a.statement.publishedAt, b.statement.publishedAt) ||
    compare(a.statement.statementId, b.statement.statementId)) < 0;
