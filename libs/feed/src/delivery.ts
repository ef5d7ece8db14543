import type { PlacedEvent } from '#libs/domain';
import { backOff } from '#libs/wire';
import type { OnFeedError, StoppedShard, Subscriber } from './feed.js';

/** An event that cannot be read. */
export interface Unreadable {
  shard: number;
  position?: number | undefined;
  eventId?: string | undefined;
  error: unknown;
}

/** Events in order within each shard; of a shard with an unreadable one, those before it. */
export interface Reading {
  events: PlacedEvent[];
  unreadable: Unreadable[];
}

interface Rest extends StoppedShard {
  failures: number;
  until: number;
}

/**
 * Hands events to a subscriber. A failing event blocks only its own shard: the events before it are delivered, the shard
 * rests, longer each time, and the other shards continue.
 */
export class Delivery {
  private readonly resting = new Map<number, Rest>();

  constructor(
    private readonly subscriber: Subscriber,
    private readonly onError: OnFeedError,
  ) {}

  stopped(): StoppedShard[] {
    return [...this.resting.values()].map(({ failures: _failures, until: _until, ...shard }) => shard);
  }

  /** How long a shard still rests, in milliseconds; 0 where it does not. */
  restOf(shard: number): number {
    return Math.max(0, (this.resting.get(shard)?.until ?? 0) - performance.now());
  }

  /** The last position of a stuck shard; undefined where it is not stuck. */
  stoppedAt(shard: number): { position?: number | undefined } | undefined {
    return this.resting.get(shard);
  }

  /** Forgets a shard that another member handles now. */
  forget(shard: number): void {
    this.resting.delete(shard);
  }

  /** Delivers as much as possible. @throws nothing: failures are reported, and their shards rest */
  async deliver({ events, unreadable }: Reading): Promise<void> {
    const wrong = new Map(unreadable.map((one) => [one.shard, one]));
    const shards = new Set([...events.map(({ shard }) => shard), ...wrong.keys()]);
    const failed = await this.handle(events);
    for (const shard of shards) {
      const stop = failed.get(shard) ?? wrong.get(shard);
      if (stop) this.rest(stop);
      else this.resting.delete(shard);
    }
  }

  private async handle(events: PlacedEvent[]): Promise<Map<number, Unreadable>> {
    const failed = new Map<number, Unreadable>();
    if (events.length === 0) return failed;
    const shards = [...new Set(events.map(({ shard }) => shard))];
    try {
      await this.subscriber.handle(events);
    } catch (error) {
      if (await this.isAway()) for (const shard of shards) failed.set(shard, { shard, error });
      else
        for (const shard of shards) {
          const stop = await this.narrow(
            events.filter((event) => event.shard === shard),
            shards.length === 1 ? error : undefined,
          );
          if (stop) failed.set(shard, stop);
        }
    }
    return failed;
  }

  /** Delivers events of one shard up to the first that the subscriber fails on, and reports that one. */
  private async narrow(events: PlacedEvent[], failure?: unknown): Promise<Unreadable | undefined> {
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
    return (await this.narrow(events.slice(0, middle))) ?? (await this.narrow(events.slice(middle)));
  }

  /** If the subscriber cannot even report its position, the event is not at fault. */
  private async isAway(): Promise<boolean> {
    return this.subscriber.position().then(
      () => false,
      () => true,
    );
  }

  private rest({ shard, position, eventId, error }: Unreadable): void {
    const failures = (this.resting.get(shard)?.failures ?? 0) + 1;
    const reason = error instanceof Error ? error.message : String(error);
    const rest = { shard, position, eventId, reason, failures, until: performance.now() + backOff(failures) };
    this.resting.set(shard, rest);
    this.onError(error, [{ shard, position, eventId, reason }]);
  }
}
