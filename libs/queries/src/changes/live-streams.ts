import { setImmediate as turn } from 'node:timers/promises';
import { backoffMs, pause } from '#libs/concurrency';
import { type Epochs, type PlacedEvent, type Token, UnreadableEvent } from '#libs/domain';
import { problemOf } from '#libs/platform';
import type { LogArchive } from '#libs/projection';
import type { ProjectionWaiter } from '../freshness/projection-waiter.js';
import type { LocationFilter } from '../place-filter.js';
import type { ReadModels } from '../read-models.js';
import {
  LiveBatch,
  positionAt,
  positionNow,
  type LiveBatchSources,
  type LiveMessage,
  type LivePosition,
  type LiveSegment,
} from './live-batch.js';
import { LiveQueue, type QueueLimits } from './live-queue.js';
import { boundedBy, endsFor, holding, problemSegment, UnreadableEvents } from './unreadable-events.js';

/** The position of the stream, sent when there is nothing else to send. */
export interface LiveToken {
  id: string;
}

/** What is sent together. Streams that get the same get the same object. */
export type LivePiece = readonly (LiveMessage | LiveToken)[];

export interface LiveStreamSources extends LiveBatchSources {
  log: Pick<LogArchive, 'readShard' | 'shards'> & {
    /** As this process knows them, and as they are now. */
    readonly epochs: Epochs;
    presentEpochs(): Promise<Epochs>;
    /**
     * The events of some spans of shards, by recordedAt, each shard in its own order.
     * @param onUnreadable called with an unreadable event, at which the reading of its shard ends
     */
    readEvents(
      range: { spans: { shard: number; after: number; upTo: number }[] },
      pageSize?: number,
      onUnreadable?: (event: UnreadableEvent) => void,
    ): AsyncIterable<PlacedEvent>;
  };
  models: Pick<ReadModels, 'checkpoints' | 'ruleset'>;
  waiter: Pick<ProjectionWaiter, 'waitBeyond'>;
}

export interface LiveStreamOptions {
  signal: AbortSignal;
  /** The stream sends its token after this many milliseconds without a message, even if events were skipped. */
  idle: number;
  /**
   * Whether a reader was cut off where the stream begins: after a claim it may lack the following state, so the states of
   * the places touched by the last events are sent again.
   */
  resumed: boolean;
}

export interface LiveStreamLimits extends QueueLimits {
  /** How many events a stream may be behind and be served by the follower. */
  distance: number;
  /** After how many milliseconds an unreadable event is looked at again (default 10,000). */
  retryMs?: number;
}

const LIMITS: LiveStreamLimits = { messages: 1000, length: 1024 * 1024, distance: 100 };
const MAX_BATCH = 500;
/** The follower rests after each round: the more streams it serves, the fewer and larger are the pieces. In milliseconds. */
const PAUSE_PER_STREAM_MS = 0.5;
const MAX_PAUSE_MS = 150;
/**
 * Requests are answered between groups of so many streams. A write costs some 25 us, and a POST comes back to the event loop about ten
 * times: with 4 it waits for 1 ms during a fan-out, with 16 for 4 ms.
 */
const STREAMS_AT_ONCE = 4;
const MAX_WAIT_MS = 60_000;

/**
 * The live streams of a process. One follower reads what is projected once, and gives each stream what passes its filter. A
 * stream that is far behind, or whose reader is too slow, reads the log itself until it is near. One for each process.
 */
export class LiveStreams {
  private readonly queues = new Set<LiveQueue>();
  private following: Promise<void> | undefined;
  private changed = new AbortController();
  private readonly unreadable: UnreadableEvents;

  /** @param onError called with each error that is waited out */
  constructor(
    private readonly sources: LiveStreamSources,
    private readonly onError: (error: unknown) => void,
    private readonly limits = LIMITS,
  ) {
    this.unreadable = new UnreadableEvents(limits.retryMs);
  }

  /** How many streams the follower serves now. */
  get followed(): number {
    return this.queues.size;
  }

  /** Ends the follower. Streams have to be aborted by their signals. */
  async close(): Promise<void> {
    this.queues.clear();
    this.changed.abort();
    await this.following;
  }

  /** Looks at once whether there is anything new for the streams. */
  look(): void {
    this.changed.abort();
  }

  /**
   * The log after a token, up to the checkpoints of the read models, then live: each claim once, and after the last event of
   * a batch that touches a place, the present state of that place. A stream resumed after any message repeats no claim and
   * misses no place's last state. It begins with its token, so that a reader cut off before the first message has one too.
   * It goes on after an outage of the database. A shard with an unreadable event ends there, with a problem, until it is mended.
   * @throws Problem 409 `epoch-changed` where the log goes back behind the stream
   * @param filter selects places that match it, and those that have just ceased to
   */
  async *open(
    from: Token,
    filter: LocationFilter,
    { signal, idle, resumed }: LiveStreamOptions,
  ): AsyncGenerator<LivePiece> {
    // Every shard is named: an empty id would not count as an id.
    const { shards, epochs } = this.sources.log;
    let position = positionAt(
      new Map(Array.from({ length: shards }, (_, shard) => [shard, from.get(shard) ?? 0])),
      epochs,
    );
    yield [{ id: position.id }];
    let sentAt = performance.now();
    const rest = () => Math.max(0, sentAt + idle - performance.now());
    let owesStates = resumed;
    for (let failures = 0; !signal.aborted;) {
      try {
        if (owesStates) {
          const { states, unreadable } = await this.statesAt(from, filter);
          for (const data of states) yield [{ id: position.id, event: 'state', data }];
          for (const event of unreadable) yield* problemSegment(event, position).pieces;
          owesStates = false;
        }
        for await (const { pieces, to } of this.segments(position, filter, rest, signal)) {
          for (const piece of pieces) {
            if (signal.aborted) return;
            yield piece;
            sentAt = performance.now();
          }
          position = to;
          failures = 0;
          if (signal.aborted) return;
          if (rest() > 0) continue;
          yield [{ id: position.id }];
          sentAt = performance.now();
        }
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.onError(error);
        await pause(backoffMs(++failures), signal);
      }
    }
  }

  /** What a stream gets after a position; from time to time a segment without messages. */
  private async *segments(
    position: LivePosition,
    filter: LocationFilter,
    rest: () => number,
    signal: AbortSignal,
  ): AsyncGenerator<LiveSegment> {
    while (!signal.aborted) {
      for await (const segment of this.readAlone(position, filter, signal)) {
        yield segment;
        position = segment.to;
      }
      if (signal.aborted) return;
      const queue = this.join(position, filter);
      try {
        for (;;) {
          const segment = await queue.next(rest(), signal);
          if (!segment || signal.aborted) break;
          yield segment;
          position = segment.to;
        }
      } finally {
        this.leave(queue);
      }
    }
  }

  /** Reads the log for one stream, until it is near the checkpoints; not for a reader that has gone. */
  private async *readAlone(
    position: LivePosition,
    filter: LocationFilter,
    signal: AbortSignal,
  ): AsyncGenerator<LiveSegment> {
    const { models, log } = this.sources;
    while (!signal.aborted) {
      const checkpoints = await models.checkpoints();
      // After the checkpoints: the epoch of what they stand for is there by then.
      position = positionNow(position, await log.presentEpochs());
      const held = holding(this.unreadable.present(), position.token);
      const projected = boundedBy(checkpoints, held);
      const isHeldHere = held.every(({ shard }) => projected.get(shard)! <= position.token.get(shard)!);
      // The follower tells it of them.
      if (isHeldHere && distance(position.token, projected) <= this.limits.distance) return;
      const meet = (event: UnreadableEvent) => this.meet(event);
      for await (const events of batches(log, position.token, projected, meet)) {
        if (signal.aborted) return;
        const batch = await LiveBatch.read(this.sources, events);
        const [segment] = await batch.segments([{ from: position.token, filter }]);
        yield segment!;
        position = segment!.to;
      }
    }
  }

  /** The states of the places that the events exactly at the positions of a token touch, as JSON; and those of them that cannot be read. */
  private async statesAt(
    token: Token,
    filter: LocationFilter,
  ): Promise<{ states: string[]; unreadable: UnreadableEvent[] }> {
    const unreadable: UnreadableEvent[] = [];
    const leave = (error: unknown): PlacedEvent[] => {
      if (!(error instanceof UnreadableEvent)) throw error;
      unreadable.push(error);
      return [];
    };
    const pages = await Promise.all(
      [...token]
        .filter(([, position]) => position > 0)
        .map(([shard, position]) => this.sources.log.readShard(shard, position - 1, 1).catch(leave)),
    );
    return { states: await (await LiveBatch.read(this.sources, pages.flat())).statesFor(filter), unreadable };
  }

  private meet(event: UnreadableEvent): void {
    if (this.unreadable.add(event)) this.onError(event);
  }

  private join(position: LivePosition, filter: LocationFilter): LiveQueue {
    const queue = new LiveQueue(position, filter, this.limits);
    this.queues.add(queue);
    this.changed.abort();
    this.following ??= this.follow();
    return queue;
  }

  private leave(queue: LiveQueue): void {
    this.queues.delete(queue);
    if (this.queues.size === 0) this.changed.abort();
  }

  /** Serves all queues, while there are any. */
  private async follow(): Promise<void> {
    for (let failures = 0; this.queues.size > 0;) {
      const { signal } = (this.changed = new AbortController());
      try {
        const projected = await this.sources.models.checkpoints();
        this.moveTo(await this.sources.log.presentEpochs());
        while (await this.serve(projected));
        failures = 0;
        await pause(Math.min(this.queues.size * PAUSE_PER_STREAM_MS, MAX_PAUSE_MS));
        await this.sources.waiter.waitBeyond(projected, this.unreadable.dueInMs ?? MAX_WAIT_MS, signal);
      } catch (error) {
        if (isPassing(error)) {
          this.onError(error);
          await pause(backoffMs(++failures), signal);
        } else {
          for (const queue of this.queues) queue.fail(error);
          this.queues.clear();
        }
      }
    }
    this.following = undefined;
  }

  /** Streams behind which the log has gone back end with the problem. */
  private moveTo(epochs: Epochs): void {
    for (const queue of this.queues)
      try {
        queue.position = positionNow(queue.position, epochs);
      } catch (error) {
        this.queues.delete(queue);
        queue.fail(error);
      }
  }

  /**
   * Brings the queues to some checkpoints. Those that join meanwhile wait for the next round.
   * @returns whether a shard ended at an unreadable event: streams that are beyond it have more of that shard
   */
  private async serve(projected: Token): Promise<boolean> {
    const queues = [...this.queues];
    // As they stand at the beginning: a stream that is held by one now must not pass over it where it is forgotten meanwhile.
    const known = this.unreadable.present();
    const met: UnreadableEvent[] = [];
    const meet = (event: UnreadableEvent) => {
      met.push(event);
      this.meet(event);
    };
    for await (const events of batches(this.sources.log, lowest(queues, known), projected, meet)) {
      const batch = await LiveBatch.read(this.sources, events);
      const groups = [...grouped(queues.filter((queue) => this.queues.has(queue))).values()];
      const segments = await batch.segments(
        groups.map(([{ position, filter }]) => ({
          from: position.token,
          ends: endsFor(known, position.token),
          filter,
        })),
      );
      let served = 0;
      for (const [at, group] of groups.entries())
        for (const queue of group) {
          if (!queue.push(segments[at]!)) this.queues.delete(queue);
          if (++served % STREAMS_AT_ONCE === 0) await turn();
        }
    }
    for (const queue of queues)
      for (const event of holding([...known, ...met], queue.position.token))
        if (!queue.tell(event)) this.queues.delete(queue);
    return met.length > 0;
  }
}

/** The queues that get the same. */
function grouped(queues: readonly LiveQueue[]): Map<string, [LiveQueue, ...LiveQueue[]]> {
  const groups = new Map<string, [LiveQueue, ...LiveQueue[]]>();
  for (const queue of queues) {
    const key = `${queue.position.id} ${queue.filterKey}`;
    const group = groups.get(key);
    if (group) group.push(queue);
    else groups.set(key, [queue]);
  }
  return groups;
}

/** The token that all queues have reached, without the shards in which an unreadable event holds a queue. */
function lowest(queues: readonly LiveQueue[], known: readonly UnreadableEvent[]): Token {
  const low = new Map<number, number>();
  for (const { token } of new Set(queues.map(({ position }) => position))) {
    const ends = endsFor(known, token);
    for (const [shard, position] of token)
      if (!ends.has(shard)) low.set(shard, Math.min(position, low.get(shard) ?? position));
  }
  return low;
}

/** The events after one token and up to another, in batches. */
async function* batches(
  log: LiveStreamSources['log'],
  after: Token,
  upTo: Token,
  onUnreadable: (event: UnreadableEvent) => void,
): AsyncGenerator<PlacedEvent[]> {
  const spans = [...after]
    .map(([shard, position]) => ({ shard, after: position, upTo: upTo.get(shard) ?? 0 }))
    .filter((span) => span.after < span.upTo);
  if (spans.length === 0) return;
  let batch: PlacedEvent[] = [];
  for await (const event of log.readEvents({ spans }, undefined, onUnreadable)) {
    batch.push(event);
    if (batch.length < MAX_BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

const distance = (from: Token, to: Token): number =>
  [...from].reduce((sum, [shard, position]) => sum + Math.max(0, (to.get(shard) ?? 0) - position), 0);

/** Whether the database is only away, or slow, for the moment. */
const isPassing = (error: unknown): boolean => problemOf(error).status === 503;
