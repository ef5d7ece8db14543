import type pg from 'pg';
import { backoffMs, pause, WakeupSignal } from '#libs/concurrency';
import { restAfter } from './batch-rest.js';
import { DeliveryWithBackoff } from './delivery-with-backoff.js';
import type { Feed, OnFeedError, StoppedShard, Subscriber } from './feed.js';
import { listen, LOG_CHANNEL } from '#libs/platform';
import { readRows, batchOf } from './log-batch.js';

export interface StoreFeedOptions {
  /** The limit of a batch, in events. */
  batch?: number;
  /** The polling interval when nothing wakes the feed up, in milliseconds. */
  pollMs?: number;
  onError?: OnFeedError;
  /** Rests after a batch that took so many milliseconds, or until the signal is aborted (default: by `restAfter`). */
  rest?: (events: number, tookMs: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Reads the log from the store's own tables. A notification after each append wakes it up. It also polls, so that a lost
 * notification costs only half a second. Under load it rests between batches, so that each has more events.
 */
export class StoreFeed implements Feed {
  private delivery: DeliveryWithBackoff | undefined;

  constructor(
    private readonly pool: pg.Pool,
    private readonly options: StoreFeedOptions = {},
  ) {}

  stopped(): StoppedShard[] {
    return this.delivery?.stopped() ?? [];
  }

  async run(subscriber: Subscriber, signal: AbortSignal): Promise<void> {
    const { batch: limit = 8000, pollMs = 500, onError = () => {}, rest = restUnderLoad } = this.options;
    const wakeup = new WakeupSignal();
    const listening = listen(this.pool, LOG_CHANNEL, () => wakeup.notify(), {
      signal,
      onError: (error) => onError(error, []),
    });
    const delivery = (this.delivery = new DeliveryWithBackoff(
      subscriber,
      (error, shards) => signal.aborted || onError(error, shards),
    ));
    for (let failures = 0; !signal.aborted;) {
      try {
        wakeup.clear();
        const begin = performance.now();
        const resting = new Set<number>();
        const rows = await readRows(this.pool, subscriber.checkpoints(), limit, (shard) => {
          if (delivery.remainingBackoff(shard) > 0) resting.add(shard);
          return resting.has(shard);
        });
        failures = 0;
        // A rebuild may have brought the subscriber past the event that stopped a shard.
        const behind = new Set(rows.map(({ shard }) => shard));
        for (const { shard } of delivery.stopped())
          if (!resting.has(shard) && !behind.has(shard)) delivery.forget(shard);
        if (rows.length === 0) await wakeup.wait(pollMs, signal);
        else {
          await delivery.deliver(batchOf(rows));
          await rest(rows.length, performance.now() - begin, signal);
        }
      } catch (error) {
        if (signal.aborted) break;
        onError(error, []);
        await pause(backoffMs(++failures), signal);
      }
    }
    await listening;
  }
}

async function restUnderLoad(events: number, tookMs: number, signal: AbortSignal): Promise<void> {
  const ms = restAfter(events, tookMs);
  if (ms > 0) await pause(ms, signal);
}
