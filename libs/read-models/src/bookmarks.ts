import { setTimeout as sleep } from 'node:timers/promises';
import { REGISTER_STREAM, type Instant, type Vantage } from '#libs/domain';
import type { Asked, Basis } from './basis.js';
import type { Completeness } from './completeness.js';
import type { Proof } from './proof.js';

/** What fixes a question, so that it is answered the same for good. */
export interface Fixed {
  /** Those that were asked about, both times of each fixed. */
  vantages: Required<Vantage>[];
  ruleset: string;
  cursor: string | undefined;
}

/** Everything stated: with what was known fixed, nothing is stated later than this. */
const ALL_STATED: Instant = '9999-12-31T23:59:59.999Z';
/** Before anything was recorded. */
const NOTHING_KNOWN: Instant = '1970-01-01T00:00:00.000Z';

const ATTEMPTS = 4;
const AGAIN_MS = 5;

/**
 * Answers questions, and says how to ask them so that the answer stays. What was known is fixed at the time at which the
 * last was recorded that the answer rests on, where nothing of that time or earlier was missing then. Of what has not just
 * been recorded that is known without a look. Else it is looked up and the question answered anew, a few times: where
 * writers or projectors are always in between, an answer about many places has no such moment.
 */
export class Bookmarks {
  constructor(
    private readonly completeness: Pick<Completeness, 'proof' | 'refresh'>,
    private readonly shardOf: (stream: string) => number,
  ) {}

  async answer<T>(
    vantages: readonly Vantage[],
    ask: (told: Asked['told']) => Promise<T>,
  ): Promise<{ answer: T; fixed?: Fixed | undefined }> {
    for (let attempt = 1; ; attempt++) {
      // Only what was known before it was read is sure to be in the answer.
      const { proof } = this.completeness;
      let basis: Basis | undefined;
      const answer = await ask((told) => (basis = told));
      const fixed = basis && this.fix(vantages, basis, proof);
      if (!basis || fixed || attempt === ATTEMPTS) return { answer, fixed };
      if (attempt > 1) await sleep(AGAIN_MS);
      await this.completeness.refresh();
    }
  }

  private fix(
    vantages: readonly Vantage[],
    { ruleset, recordedAt, places, cursorAt }: Basis,
    proof: Proof,
  ): Fixed | undefined {
    const last = recordedAt ?? NOTHING_KNOWN;
    const isKnown = ({ knownAt }: Vantage) => Boolean(knownAt) && proof.holds(knownAt!);
    const shards = () => places && new Set([REGISTER_STREAM, ...places()].map(this.shardOf));
    if (!vantages.every(isKnown) && !proof.holds(last) && !(places && proof.holds(last, shards())))
      return undefined;
    const fix = (vantage: Vantage) => ({
      asOf: vantage.asOf ?? ALL_STATED,
      knownAt: isKnown(vantage) ? vantage.knownAt! : last,
    });
    return { vantages: vantages.map(fix), ruleset, cursor: cursorAt?.(fix) };
  }
}
