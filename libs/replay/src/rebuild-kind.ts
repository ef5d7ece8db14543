import { parseRuleset } from '#libs/domain';
import type { EventStore, RulesetStore } from '#libs/event-store';
import { rebuild } from '#libs/read-models';
import type pg from 'pg';
import type { ReplayKind, RunProgress } from './kind.js';
import type { RebuildSpec } from './rebuild-spec.js';
import type { Replay } from './replay.js';

/** Makes the read models anew out of the log. */
export class RebuildKind implements ReplayKind {
  readonly kind = 'rebuild';
  readonly exclusive = true;

  constructor(
    private readonly pool: pg.Pool,
    private readonly store: EventStore,
    private readonly rulesets: RulesetStore,
  ) {}

  async run({ spec }: Replay, progress: RunProgress, signal: AbortSignal): Promise<object> {
    const parsed = parseRuleset((spec as RebuildSpec).ruleset);
    if (!parsed.ok) throw new Error('its ruleset cannot be read');
    await this.rulesets.remember(parsed.ruleset.file);
    return rebuild(this.pool, this.store, parsed.ruleset, { signal, onProgress: ({ done, total }) => progress.reach(done, { total }) });
  }

  async discard(): Promise<void> {}
}
