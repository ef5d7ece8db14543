import { setTimeout as sleep } from 'node:timers/promises';
import { REGISTER_STREAM, type Instant, type BitemporalPoint } from '#libs/domain';
import type { Basis } from './basis.js';
import type { Completeness } from './completeness.js';
import type { Proof } from './proof.js';

/** The moments that fix a question, so that its answer never changes. */
export interface Fixed {
  /** The moments of the question, both times of each fixed. */
  points: Required<BitemporalPoint>[];
  ruleset: string;
  cursor: string | undefined;
}

/** All statements: with `knownAt` fixed, none is stated later than this. */
const ALL_STATED: Instant = '9999-12-31T23:59:59.999Z';
/** Before anything was recorded. */
const NOTHING_KNOWN: Instant = '1970-01-01T00:00:00.000Z';

const MAX_ATTEMPTS = 4;
const RETRY_MS = 5;

/**
 * Makes bookmarks: the moments `asOf` and `knownAt` that repeat an answer later. `knownAt` is the time at which the last event
 * of the answer's basis was recorded. It repeats the answer only if the read models had every event up to that time. For an
 * event that is not very recent, they had. For a recent one the checkpoints are read and the question is asked again, at
 * most four times in all. An answer about many places, under constant writes, gets no moment.
 */
export class Bookmarks {
  constructor(
    private readonly completeness: Pick<Completeness, 'proof' | 'refresh'>,
    private readonly shardOf: (stream: string) => number,
  ) {}

  /** To be made before a question is asked. @param points of the question */
  of(points: readonly BitemporalPoint[]): Bookmark {
    return new Bookmark(points, this.completeness, this.shardOf);
  }
}

/** The bookmark of one question, which is asked `do ... while (await bookmark.isOpen())` with its `onBasis`. */
export class Bookmark {
  /** The moments that repeat the last answer; undefined while there are none. */
  fixed: Fixed | undefined;
  private basis: Basis | undefined;
  private attempt = 0;
  private proof: Proof;

  constructor(
    private readonly points: readonly BitemporalPoint[],
    private readonly completeness: Pick<Completeness, 'proof' | 'refresh'>,
    private readonly shardOf: (stream: string) => number,
  ) {
    // Only events known before the read are certain to be in the answer.
    this.proof = completeness.proof;
  }

  readonly onBasis = (found: Basis): void => {
    this.basis = found;
  };

  /** Called after each answer. @returns whether another answer may get the moments that this one lacks */
  async isOpen(): Promise<boolean> {
    this.attempt += 1;
    if (!this.basis || (this.fixed = this.fix(this.basis)) || this.attempt === MAX_ATTEMPTS) return false;
    if (this.attempt > 1) await sleep(RETRY_MS);
    await this.completeness.refresh();
    this.basis = undefined;
    this.proof = this.completeness.proof;
    return true;
  }

  private fix({ ruleset, recordedAt, places, cursorAt }: Basis): Fixed | undefined {
    const { points, proof } = this;
    const last = recordedAt ?? NOTHING_KNOWN;
    const isKnown = ({ knownAt }: BitemporalPoint) => Boolean(knownAt) && proof.holds(knownAt!);
    const shards = () => places && new Set([REGISTER_STREAM, ...places()].map(this.shardOf));
    if (!points.every(isKnown) && !proof.holds(last) && !(places && proof.holds(last, shards())))
      return undefined;
    const fix = (point: BitemporalPoint) => ({
      asOf: point.asOf ?? ALL_STATED,
      knownAt: isKnown(point) ? point.knownAt! : last,
    });
    return { points: points.map(fix), ruleset, cursor: cursorAt?.(fix) };
  }
}
