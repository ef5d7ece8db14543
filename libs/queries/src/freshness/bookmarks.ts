import { setTimeout as sleep } from 'node:timers/promises';
import { REGISTER_STREAM, type Instant, type BitemporalPoint } from '#libs/domain';
import type { Basis, QueryOptions } from './basis.js';
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
 * Answers questions, and adds the moments `asOf` and `knownAt` that repeat the answer later. `knownAt` is the time at which
 * the last event of the answer's basis was recorded. It repeats the answer only if the read models had every event up to
 * that time. For an event that is not very recent, they had. For a recent one the checkpoints are read and the question is
 * asked again, at most four times in all. An answer about many places, under constant writes, gets no moment.
 */
export class Bookmarks {
  constructor(
    private readonly completeness: Pick<Completeness, 'proof' | 'refresh'>,
    private readonly shardOf: (stream: string) => number,
  ) {}

  async answer<T>(
    points: readonly BitemporalPoint[],
    ask: (onBasis: QueryOptions['onBasis']) => Promise<T>,
  ): Promise<{ answer: T; fixed?: Fixed | undefined }> {
    for (let attempt = 1; ; attempt++) {
      // Only events known before the read are certain to be in the answer.
      const { proof } = this.completeness;
      let basis: Basis | undefined;
      const answer = await ask((found) => (basis = found));
      const fixed = basis && this.fix(points, basis, proof);
      if (!basis || fixed || attempt === MAX_ATTEMPTS) return { answer, fixed };
      if (attempt > 1) await sleep(RETRY_MS);
      await this.completeness.refresh();
    }
  }

  private fix(
    points: readonly BitemporalPoint[],
    { ruleset, recordedAt, places, cursorAt }: Basis,
    proof: Proof,
  ): Fixed | undefined {
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
