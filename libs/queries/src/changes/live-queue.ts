import { WakeupSignal } from '#libs/concurrency';
import type { UnreadableEvent } from '#libs/domain';
import type { LocationFilter } from '../place-filter.js';
import type { LivePosition, LiveSegment } from './live-batch.js';
import { problemSegment } from './unreadable-events.js';

/** What may wait for one reader: messages, and their length in UTF-16 units. A segment alone may have more. */
export interface QueueLimits {
  messages: number;
  length: number;
}

/**
 * What the follower has found for one stream and its reader has not taken yet. Where a reader is so slow that too much would
 * wait, the queue is emptied and ends: the reader goes on by reading the log itself.
 */
export class LiveQueue {
  private readonly waiting: LiveSegment[] = [];
  private messages = 0;
  private length = 0;
  private isOpen = true;
  private failure: { error: unknown } | undefined;
  private readonly changed = new WakeupSignal();
  /** The unreadable events that its reader was told of, as shard:position. */
  private readonly told = new Set<string>();
  /** Equal for equal filters. */
  readonly filterKey: string;

  /** @param position where the follower is with this stream; what is after it comes into the queue */
  constructor(
    public position: LivePosition,
    readonly filter: LocationFilter,
    private readonly limits: QueueLimits,
  ) {
    this.filterKey = JSON.stringify(filter);
  }

  /** False if the queue has ended, because too much would wait. */
  push(segment: LiveSegment): boolean {
    this.position = segment.to;
    const last = this.waiting.at(-1);
    if (segment.messages === 0) {
      // Nobody is woken for events that were only skipped.
      if (last) this.waiting[this.waiting.length - 1] = { ...last, to: segment.to };
      return this.isOpen;
    }
    this.messages += segment.messages;
    this.length += segment.length;
    if (last && (this.messages > this.limits.messages || this.length > this.limits.length)) {
      this.waiting.length = 0;
      this.isOpen = false;
    } else this.waiting.push(segment);
    this.changed.notify();
    return this.isOpen;
  }

  /** Tells the reader of an unreadable event that holds it, once. False if the queue has ended. */
  tell(event: UnreadableEvent): boolean {
    const key = `${event.shard}:${event.position}`;
    if (this.told.has(key)) return this.isOpen;
    this.told.add(key);
    return this.push(problemSegment(event, this.position));
  }

  /** Ends the queue; its reader gets the error. */
  fail(error: unknown): void {
    this.failure = { error };
    this.changed.notify();
  }

  /** The next segment, one without messages after `ms` milliseconds or when the signal is given; undefined if the queue has ended. */
  async next(ms: number, signal: AbortSignal): Promise<LiveSegment | undefined> {
    if (this.waiting.length === 0 && this.isOpen && !this.failure) {
      this.changed.clear();
      await this.changed.wait(ms, signal);
    }
    if (this.failure) throw this.failure.error;
    const segment = this.waiting.shift();
    if (!segment) return this.isOpen ? { pieces: [], messages: 0, length: 0, to: this.position } : undefined;
    this.messages -= segment.messages;
    this.length -= segment.length;
    return segment;
  }
}
