import { commandEventId, operationEvent, parseRuleset, type Ruleset } from '#libs/domain';
import type { EventStore, RulesetStore } from '#libs/log';
import {
  clearShadows,
  compareRulesets,
  findGeneration,
  isActive,
  rebuild,
  RebuildUnderWay,
  type Rebuilt,
  type StatusChange,
} from '#libs/projection';
import { pause } from '#libs/concurrency';
import type pg from 'pg';
import type { JobHandler, JobProgress } from '../job-handler.js';
import type { RebuildSpec } from './rebuild-spec.js';
import type { Job } from '../job.js';

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
  version: string;
  rebuilt: Rebuilt;
  /** The version of the ruleset in force before. */
  before?: string | undefined;
}

const MAX_KEPT_CHANGES = 100;
const RETRY_MS = 1000;

export interface RebuildJobOptions {
  /** Leaves more of the processor and the database to readers. */
  lowPriority?: boolean;
  /** Called for each place that would change its status. */
  onChange?: (change: StatusChange) => void | Promise<void>;
}

/** Rebuilds the read models from the log, or reports the changes that another ruleset would make. */
export class RebuildJobHandler implements JobHandler {
  readonly kind = 'rebuild';
  readonly exclusive = true;

  constructor(
    private readonly pool: pg.Pool,
    private readonly store: EventStore,
    private readonly rulesets: RulesetStore,
    private readonly options: RebuildJobOptions = {},
  ) {}

  async run(job: Job, progress: JobProgress, signal: AbortSignal): Promise<object> {
    const ready = job.cursor === null ? undefined : (JSON.parse(job.cursor) as Ready);
    if (ready && (await isActive(this.pool, ready.version))) {
      await clearShadows(this.pool);
      await this.recordAdoption(job, ready.before);
      return ready.rebuilt;
    }
    const spec = job.spec as RebuildSpec;
    const parsed = parseRuleset(spec.ruleset);
    if (!parsed.ok) throw new Error(`ruleset ${spec.rulesetVersion} cannot be read`);
    // A check of the read models may be under way.
    for (;;)
      try {
        return await (spec.compare
          ? this.compare(parsed.ruleset, progress, signal)
          : this.rebuild(job, parsed.ruleset, progress, signal));
      } catch (error) {
        if (!(error instanceof RebuildUnderWay)) throw error;
        await pause(RETRY_MS, signal);
        signal.throwIfAborted();
      }
  }

  discard(): Promise<void> {
    return clearShadows(this.pool);
  }

  private async rebuild(
    job: Job,
    ruleset: Ruleset,
    progress: JobProgress,
    signal: AbortSignal,
  ): Promise<Rebuilt> {
    await this.rulesets.remember(ruleset.file);
    const before = (await findGeneration(this.pool))?.rulesetVersion;
    const done = await rebuild(this.pool, this.store, ruleset, {
      lowPriority: this.options.lowPriority,
      signal,
      onProgress: (done, total) => progress.reach(done, { total }),
      onReady: async (version, rebuilt) => {
        progress.reach(progress.done, {
          cursor: JSON.stringify({ version, rebuilt, before } satisfies Ready),
        });
        await progress.keep();
      },
    });
    await this.recordAdoption(job, before);
    return done;
  }

  /** Appends the event of another ruleset in force, once for each run; nothing where nobody is known to have had it done. */
  private async recordAdoption({ id, spec }: Job, before: string | undefined): Promise<void> {
    const { rulesetVersion, signature } = spec as RebuildSpec;
    if (signature === undefined || before === undefined || before === rulesetVersion) return;
    const eventId = commandEventId(`adopt ${id}`);
    if (await this.store.find(eventId)) return;
    const detail = `instead of ${before}`;
    const event = operationEvent(
      { operation: 'ruleset.adopted', subject: rulesetVersion, detail, signature },
      eventId,
    );
    await this.store.append([{ event }]);
  }

  private async compare(ruleset: Ruleset, progress: JobProgress, signal: AbortSignal): Promise<Comparison> {
    const found = await findGeneration(this.pool);
    if (!found) throw new Error('there are no read models to compare with');
    const present = await this.rulesets.ruleset(found.rulesetVersion);
    const counts = new Map<string, Comparison['counts'][number]>();
    const first: StatusChange[] = [];
    const onChange = async (change: StatusChange) => {
      const { from, to } = change;
      const counted = counts.get(`${from} ${to}`) ?? { from, to, places: 0 };
      counts.set(`${from} ${to}`, { ...counted, places: counted.places + 1 });
      if (first.length < MAX_KEPT_CHANGES) first.push(change);
      await this.options.onChange?.(change);
    };
    const compared = await compareRulesets(this.pool, this.store, ruleset, present, onChange, {
      lowPriority: this.options.lowPriority,
      signal,
      onProgress: (done, total) => progress.reach(done, { total }),
    });
    return { ...compared, counts: [...counts.values()].toSorted((a, b) => b.places - a.places), first };
  }
}
