import type { RecordedEvent } from '#libs/domain';
import type pg from 'pg';
import type { Feed, Subscriber } from './feed.js';
import { listen } from './listen.js';
import { readBatch } from './log-batch.js';
import { backOff, pause } from './pause.js';

export interface StoreFeedOptions {
  /** Most events of a batch. */
  batch?: number;
  /** How often to look when nothing wakes the feed up, in milliseconds. */
  pollMs?: number;
  /** Hears of what went wrong; the feed goes on. `shards` are those whose events could not be handled. */
  onError?: (error: unknown, shards: readonly number[]) => void;
}

/** A shard whose events the subscriber fails on: it rests, and the others go on. */
interface Rest {
  failures: number;
  until: number;
}

/**
 * Reads the log from the store's own tables. A notification after each append wakes it up; behind that it polls, so a
 * notification that is lost costs half a second and nothing else.
 */
export class StoreFeed implements Feed {
  constructor(
    private readonly pool: pg.Pool,
    private readonly options: StoreFeedOptions = {},
  ) {}

  async run(subscriber: Subscriber, signal: AbortSignal): Promise<void> {
    const { batch: limit = 2000, pollMs = 500, onError } = this.options;
    const bell = new Bell();
    const listening = listen(this.pool, 'claimline_log', () => bell.ring(), { signal, onError: (error) => onError?.(error, []) });
    const resting = new Map<number, Rest>();
    let failures = 0;
    while (!signal.aborted) {
      try {
        bell.clear();
        const rests = (shard: number) => (resting.get(shard)?.until ?? 0) > performance.now();
        const batch = await readBatch(this.pool, await subscriber.position(), limit, rests);
        failures = 0;
        if (batch.length === 0) await bell.wait(pollMs, signal);
        else await this.deliver(batch, subscriber, resting, signal);
      } catch (error) {
        if (signal.aborted) break;
        onError?.(error, []);
        await pause(backOff(++failures), signal);
      }
    }
    await listening;
  }

  /** Delivers a batch; where that fails, shard by shard, so that what is wrong with one shard holds up only that one. */
  private async deliver(batch: RecordedEvent[], subscriber: Subscriber, resting: Map<number, Rest>, signal: AbortSignal): Promise<void> {
    const shards = [...new Set(batch.map(({ shard }) => shard))];
    try {
      await subscriber.handle(batch);
      for (const shard of shards) resting.delete(shard);
    } catch (error) {
      if (signal.aborted) return;
      this.options.onError?.(error, shards);
      if (shards.length > 1)
        for (const shard of shards) await this.deliver(batch.filter((event) => event.shard === shard), subscriber, resting, signal);
      else {
        const failures = (resting.get(shards[0]!)?.failures ?? 0) + 1;
        resting.set(shards[0]!, { failures, until: performance.now() + backOff(failures) });
      }
    }
  }
}

/** Rung while somebody looked elsewhere, it is still heard. */
class Bell {
  private rung = false;
  private wake: (() => void) | undefined;

  ring(): void {
    this.rung = true;
    this.wake?.();
  }

  clear(): void {
    this.rung = false;
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (this.rung || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      this.wake = done;
    });
  }
}
