import { parseRuleset, type Ruleset } from '#libs/domain';
import type { EventStore, RulesetStore } from '#libs/event-store';
import {
  clearDrafts,
  compareRulesets,
  findGeneration,
  isInForce,
  rebuild,
  RebuildUnderWay,
  type Rebuilt,
  type StatusChange,
} from '#libs/read-models';
import { pause } from '#libs/wire';
import type pg from 'pg';
import type { ReplayKind, RunProgress } from './kind.js';
import type { RebuildSpec } from './rebuild-spec.js';
import type { Replay } from './replay.js';

/** The result of a comparison, as it is kept with its run. */
export interface Comparison {
  events: number;
  rulesetVersion: { from: string; to: string };
  token: string;
  changes: number;
  /** The number of places that go from one status to another. */
  counts: { from: string | null; to: string | null; places: number }[];
  /** The first places, by id. */
  first: StatusChange[];
}

/** Kept when a new generation is ready to take effect: a process that resumes the run sees whether it has. */
interface Ready {
  mark: string;
  rebuilt: Rebuilt;
}

const KEPT = 100;
const AGAIN_MS = 1000;

export interface RebuildKindOptions {
  /** Leaves more of the processor and the database to readers. */
  gentle?: boolean;
  /** Called for each place that would change its status. */
  onChange?: (change: StatusChange) => void | Promise<void>;
}

/** Rebuilds the read models from the log, or reports the changes that another ruleset would make. */
export class RebuildKind implements ReplayKind {
  readonly kind = 'rebuild';
  readonly exclusive = true;

  constructor(
    private readonly pool: pg.Pool,
    private readonly store: EventStore,
    private readonly rulesets: RulesetStore,
    private readonly options: RebuildKindOptions = {},
  ) {}

  async run(replay: Replay, progress: RunProgress, signal: AbortSignal): Promise<object> {
    const ready = replay.cursor === null ? undefined : (JSON.parse(replay.cursor) as Ready);
    if (ready && (await isInForce(this.pool, ready.mark))) {
      await clearDrafts(this.pool);
      return ready.rebuilt;
    }
    const spec = replay.spec as RebuildSpec;
    const parsed = parseRuleset(spec.ruleset);
    if (!parsed.ok) throw new Error(`ruleset ${spec.rulesetVersion} cannot be read`);
    // A check of the read models may be under way.
    for (;;)
      try {
        return await (spec.compare
          ? this.compare(parsed.ruleset, progress, signal)
          : this.rebuild(parsed.ruleset, progress, signal));
      } catch (error) {
        if (!(error instanceof RebuildUnderWay)) throw error;
        await pause(AGAIN_MS, signal);
        signal.throwIfAborted();
      }
  }

  discard(): Promise<void> {
    return clearDrafts(this.pool);
  }

  private async rebuild(ruleset: Ruleset, progress: RunProgress, signal: AbortSignal): Promise<Rebuilt> {
    await this.rulesets.remember(ruleset.file);
    return rebuild(this.pool, this.store, ruleset, {
      gentle: this.options.gentle,
      signal,
      onProgress: (done, total) => progress.reach(done, { total }),
      onReady: async (mark, rebuilt) => {
        progress.reach(progress.done, { cursor: JSON.stringify({ mark, rebuilt } satisfies Ready) });
        await progress.keep();
      },
    });
  }

  private async compare(ruleset: Ruleset, progress: RunProgress, signal: AbortSignal): Promise<Comparison> {
    const found = await findGeneration(this.pool);
    if (!found) throw new Error('there are no read models to compare with');
    const present = await this.rulesets.ruleset(found.rulesetVersion);
    const counts = new Map<string, Comparison['counts'][number]>();
    const first: StatusChange[] = [];
    const onChange = async (change: StatusChange) => {
      const { from, to } = change;
      const counted = counts.get(`${from} ${to}`) ?? { from, to, places: 0 };
      counts.set(`${from} ${to}`, { ...counted, places: counted.places + 1 });
      if (first.length < KEPT) first.push(change);
      await this.options.onChange?.(change);
    };
    const compared = await compareRulesets(this.pool, this.store, ruleset, present, onChange, {
      gentle: this.options.gentle,
      signal,
      onProgress: (done, total) => progress.reach(done, { total }),
    });
    return { ...compared, counts: [...counts.values()].toSorted((a, b) => b.places - a.places), first };
  }
}
