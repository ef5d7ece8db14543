import type { PlacedEvent } from '#libs/domain';
import { backoffMs } from '#libs/concurrency';
import { isStorageFault } from '#libs/platform';
import type { OnFeedError, StoppedShard, Subscriber } from './feed.js';

/** An event that cannot be read. */
export interface UnreadableEvent {
  shard: number;
  position?: number | undefined;
  eventId?: string | undefined;
  error: unknown;
}

/** Events in order within each shard; of a shard with an unreadable one, those before it. */
export interface FeedBatch {
  events: PlacedEvent[];
  unreadable: UnreadableEvent[];
}

interface Backoff extends StoppedShard {
  failures: number;
  until: number;
}

/**
 * Hands events to a subscriber. A failing event blocks only its own shard: the events before it are delivered, the shard
 * rests, longer each time, and the other shards continue.
 */
export class DeliveryWithBackoff {
  private readonly backingOff = new Map<number, Backoff>();

  constructor(
    private readonly subscriber: Subscriber,
    private readonly onError: OnFeedError,
  ) {}

  stopped(): StoppedShard[] {
    return [...this.backingOff.values()].map(({ failures: _failures, until: _until, ...shard }) => shard);
  }

  /** How long a shard still rests, in milliseconds; 0 where it does not. */
  remainingBackoff(shard: number): number {
    return Math.max(0, (this.backingOff.get(shard)?.until ?? 0) - performance.now());
  }

  /** The last position of a stuck shard; undefined where it is not stuck. */
  stoppedAt(shard: number): { position?: number | undefined } | undefined {
    return this.backingOff.get(shard);
  }

  /** Forgets a shard that another member handles now, or that has nothing left to deliver. */
  forget(shard: number): void {
    this.backingOff.delete(shard);
  }

  /** Delivers as much as possible. @throws nothing: failures are reported, and their shards rest */
  async deliver({ events, unreadable }: FeedBatch): Promise<void> {
    const failed = new Map(unreadable.map((one) => [one.shard, one]));
    const shards = new Set([...events.map(({ shard }) => shard), ...failed.keys()]);
    if (events.length > 0)
      try {
        await this.subscriber.handle(events);
      } catch (error) {
        for (const stop of await this.failuresOf(events, error)) failed.set(stop.shard, stop);
      }
    for (const shard of shards) {
      const stop = failed.get(shard);
      if (stop) this.backOff(stop);
      else this.backingOff.delete(shard);
    }
  }

  /** The shards that the subscriber fails on, after it has failed on events of several. */
  private async failuresOf(events: PlacedEvent[], error: unknown): Promise<UnreadableEvent[]> {
    const shards = [...new Set(events.map(({ shard }) => shard))];
    // No event is at fault for a full disk, and a search for one would only write more.
    if (isStorageFault(error) || (await this.isAway())) return shards.map((shard) => ({ shard, error }));
    const failed: UnreadableEvent[] = [];
    for (const shard of shards) {
      const ofShard = events.filter((event) => event.shard === shard);
      const stop = await this.isolateFailing(ofShard, shards.length === 1 ? error : undefined);
      if (stop) failed.push(stop);
    }
    return failed;
  }

  /** Delivers events of one shard up to the first that the subscriber fails on, and reports that one. */
  private async isolateFailing(
    events: PlacedEvent[],
    failure?: unknown,
  ): Promise<UnreadableEvent | undefined> {
    let error = failure;
    if (error === undefined)
      try {
        return await this.subscriber.handle(events).then(() => undefined);
      } catch (thrown) {
        error = thrown;
      }
    const [first] = events;
    if (events.length === 1)
      return { shard: first!.shard, position: first!.position, eventId: first!.eventId, error };
    const middle = Math.ceil(events.length / 2);
    return (
      (await this.isolateFailing(events.slice(0, middle))) ??
      (await this.isolateFailing(events.slice(middle)))
    );
  }

  /** If the subscriber cannot even report its position, the event is not at fault. */
  private async isAway(): Promise<boolean> {
    return this.subscriber.checkpoints().then(
      () => false,
      () => true,
    );
  }

  private backOff({ shard, position, eventId, error }: UnreadableEvent): void {
    const failures = (this.backingOff.get(shard)?.failures ?? 0) + 1;
    const reason = error instanceof Error ? error.message : String(error);
    const backoff = {
      shard,
      position,
      eventId,
      reason,
      failures,
      until: performance.now() + backoffMs(failures),
    };
    this.backingOff.set(shard, backoff);
    this.onError(error, [{ shard, position, eventId, reason }]);
  }
}
