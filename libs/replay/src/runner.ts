import { randomUUID } from 'node:crypto';
import { Bell, listen } from '#libs/feed';
import { backOff, pause } from '#libs/wire';
import type pg from 'pg';
import { Hold } from './hold.js';
import { Cancelled, PutDown, type Left, type ReplayKind } from './kind.js';
import { ProgressKeeper } from './progress-keeper.js';
import type { Replay } from './replay.js';
import {
  cancelRequests,
  endReplay,
  findReplay,
  insertReplay,
  openRuns,
  putDown,
  takeUp,
} from './replay-rows.js';
import { REPLAYS_CHANNEL } from './replays.js';

export interface RunnerOptions {
  /** The polling interval without announcements, in milliseconds. */
  pollMs?: number;
  /** The most runs at once in this process. */
  most?: number;
  /** It ends after this time without open runs, in milliseconds (default: only with its signal). */
  idleMs?: number;
  onError?: (error: unknown) => void;
  onEnd?: (replay: Replay, left: Left) => void;
}

const LOOKED_AT = 100;
const MOST_AT_ONCE = 8;
/** A run fails after its process has died this many times without progress. */
const MOST_ATTEMPTS = 10;
const KIND_AGAIN_MS = 200;

interface Active {
  kind: ReplayKind;
  ending: AbortController;
  ended: Promise<void>;
}

/** Claims and does runs of the kinds it knows. Any number of runners may work at once, in any processes. */
export class Runner {
  private readonly kinds: ReadonlyMap<string, ReplayKind>;
  private readonly active = new Map<string, Active>();

  /** @param pool lends a connection for each run under way, and one to listen */
  constructor(
    private readonly pool: pg.Pool,
    kinds: readonly ReplayKind[],
    private readonly options: RunnerOptions = {},
  ) {
    this.kinds = new Map(kinds.map((kind) => [kind.kind, kind]));
  }

  /** Works until the signal is given; runs under way are then released. */
  async run(signal: AbortSignal): Promise<void> {
    const bell = new Bell();
    const idle = new AbortController();
    const stopping = AbortSignal.any([signal, idle.signal]);
    const tell = (error: unknown) => void (stopping.aborted || this.options.onError?.(error));
    const listening = listen(this.pool, REPLAYS_CHANNEL, () => bell.ring(), {
      signal: stopping,
      onError: tell,
    });
    let busy = performance.now();
    for (let failures = 0; !stopping.aborted;) {
      bell.clear();
      try {
        if (await this.look(() => bell.ring())) busy = performance.now();
        failures = 0;
      } catch (error) {
        tell(error);
        await pause(backOff(++failures), stopping);
      }
      if (this.options.idleMs !== undefined && performance.now() - busy > this.options.idleMs) idle.abort();
      await bell.wait(this.options.pollMs ?? 1000, stopping);
    }
    for (const { ending } of this.active.values()) ending.abort(new PutDown('the process stops'));
    await Promise.all([...this.active.values()].map(({ ended }) => ended));
    await listening;
  }

  /**
   * Creates one run and does it here. Another process claims it only if this one dies.
   * @param signal cancels it
   * @returns the run as it ended
   */
  async runNow(
    kind: string,
    spec: unknown,
    {
      signal,
      onReach,
      onWaiting,
    }: {
      signal: AbortSignal;
      onReach?: (progress: { done: number; total: number | null }) => void;
      onWaiting?: () => void;
    },
  ): Promise<Replay> {
    const of = this.kinds.get(kind)!;
    const id = randomUUID();
    const hold = (await Hold.ofRun(this.pool, id))!;
    const ending = new AbortController();
    const cancel = () => ending.abort(new Cancelled('the run was cancelled'));
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    try {
      await insertReplay(hold.client, id, kind, spec);
      for (
        let told = false;
        of.exclusive && !ending.signal.aborted && !(await hold.takeKind(kind));
        told = true
      ) {
        if (!told) onWaiting?.();
        await pause(KIND_AGAIN_MS, ending.signal);
        if ((await cancelRequests(hold.client, [id])).length > 0) cancel();
      }
      await this.execute(hold, id, of, ending, onReach);
    } finally {
      signal.removeEventListener('abort', cancel);
      hold.release();
    }
    return (await findReplay(this.pool, id))!;
  }

  /** Claims the runs that it can; reads requests to cancel. @returns whether any run is open */
  private async look(again: () => void): Promise<boolean> {
    for (const id of this.active.size > 0 ? await cancelRequests(this.pool, [...this.active.keys()]) : [])
      this.active.get(id)?.ending.abort(new Cancelled('the run was cancelled'));
    const open = (await openRuns(this.pool, LOOKED_AT)).filter(({ kind }) => this.kinds.has(kind));
    for (const { id, kind, alive } of open) {
      const of = this.kinds.get(kind)!;
      // Only its lock shows for certain whether a run is held, and trying it costs a connection.
      if (alive || this.active.has(id) || this.active.size >= (this.options.most ?? MOST_AT_ONCE)) continue;
      if (
        of.exclusive &&
        (open.some((one) => one.kind === kind && one.alive) ||
          [...this.active.values()].some((one) => one.kind === of))
      )
        continue;
      const hold = await Hold.take(this.pool, id, of);
      if (!hold) continue;
      const ending = new AbortController();
      const ended = this.execute(hold, id, of, ending)
        .catch((error: unknown) => this.options.onError?.(error))
        .finally(() => {
          hold.release();
          this.active.delete(id);
          again();
        });
      this.active.set(id, { kind: of, ending, ended });
    }
    return open.length > 0;
  }

  /** Does a run whose lock is held. @throws PutDown if the lock is lost: then the run is open, and is claimed again */
  private async execute(
    hold: Hold,
    id: string,
    kind: ReplayKind,
    ending: AbortController,
    onReach?: (progress: { done: number; total: number | null }) => void,
  ): Promise<void> {
    const replay = await takeUp(hold.client, id);
    if (!replay) return;
    const lose = () => ending.abort(new PutDown('the connection that holds the run is lost'));
    hold.lost.addEventListener('abort', lose);
    const onCancel = () => ending.abort(new Cancelled('the run was cancelled'));
    if (replay.cancelRequested) onCancel();
    const progress = new ProgressKeeper(hold.client, replay, {
      onCancel,
      onError: (error) => this.options.onError?.(error),
      ...(onReach && { onReach }),
    });
    let left: Left;
    try {
      ending.signal.throwIfAborted();
      if (replay.attempts > MOST_ATTEMPTS)
        throw new Error(`it was started ${MOST_ATTEMPTS} times, and each time its process died`);
      const result = await kind.run(replay, progress, ending.signal);
      await progress.close();
      await endReplay(hold.client, id, 'done', { result });
      left = 'done';
    } catch (error) {
      left = await this.leave(
        hold,
        replay,
        kind,
        progress,
        ending.signal.aborted ? ending.signal.reason : error,
      );
    } finally {
      hold.lost.removeEventListener('abort', lose);
    }
    this.options.onEnd?.(replay, left);
  }

  private async leave(
    hold: Hold,
    replay: Replay,
    kind: ReplayKind,
    progress: ProgressKeeper,
    reason: unknown,
  ): Promise<Left> {
    await progress.close();
    if (reason instanceof PutDown) {
      await putDown(hold.client, replay.id);
      return 'waiting';
    }
    const left = reason instanceof Cancelled ? 'cancelled' : 'failed';
    if (left === 'failed') this.options.onError?.(reason);
    await kind.discard(replay).catch((error: unknown) => this.options.onError?.(error));
    await endReplay(
      hold.client,
      replay.id,
      left,
      left === 'failed' ? { error: reason instanceof Error ? reason.message : String(reason) } : {},
    );
    return left;
  }
}
