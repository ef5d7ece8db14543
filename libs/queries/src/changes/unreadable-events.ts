import type { Token, UnreadableEvent } from '#libs/domain';
import { problemOf } from '#libs/platform';
import type { LivePosition, LiveSegment } from './live-batch.js';

/** An unreadable event is looked at again after this time: it may have been mended. */
const RETRY_MS = 10_000;

/** An unreadable event, as it stands at a time. `isDue`: it is to be looked at again. */
export interface KnownEvent {
  event: UnreadableEvent;
  isDue: boolean;
}

/**
 * The unreadable events that the live streams of a process have met. A stream that is before one gets no more of its shard until
 * it is mended; the stream is told, and gets the other shards.
 */
export class UnreadableEvents {
  private readonly met = new Map<string, { event: UnreadableEvent; until: number }>();

  constructor(private readonly retryMs = RETRY_MS) {}

  /** @returns whether it was not known */
  add(event: UnreadableEvent): boolean {
    const key = `${event.shard}:${event.position}`;
    const isNew = !this.met.has(key);
    this.met.set(key, { event, until: performance.now() + this.retryMs });
    return isNew;
  }

  /** All of them, as they stand now. */
  known(): readonly KnownEvent[] {
    const now = performance.now();
    return [...this.met.values()].map(({ event, until }) => ({ event, isDue: until <= now }));
  }

  /** The time until the next one is due, in milliseconds; undefined where there is none. */
  get dueInMs(): number | undefined {
    const now = performance.now();
    const times = [...this.met.values()].flatMap(({ until }) => (until > now ? [until - now] : []));
    return times.length === 0 ? undefined : Math.min(...times);
  }
}

/** The first unreadable event of each shard after a token, unless it is due: then the shard is read, and may be mended. */
export function holding(known: readonly KnownEvent[], token: Token): UnreadableEvent[] {
  const first = new Map<number, KnownEvent>();
  for (const one of known) {
    const { shard, position } = one.event;
    if (position <= (token.get(shard) ?? 0)) continue;
    if (position < (first.get(shard)?.event.position ?? Number.POSITIVE_INFINITY)) first.set(shard, one);
  }
  return [...first.values()].flatMap(({ event, isDue }) => (isDue ? [] : [event]));
}

/** By shard, the position before which a stream at a token ends. */
export const endsFor = (known: readonly KnownEvent[], token: Token): Token =>
  new Map(holding(known, token).map(({ shard, position }) => [shard, position]));

/** A token no further than before the events that hold a stream. */
export const boundedBy = (token: Token, held: readonly UnreadableEvent[]): Token =>
  new Map([
    ...token,
    ...held.map(({ shard, position }) => [shard, Math.min(token.get(shard) ?? 0, position - 1)] as const),
  ]);

/** What tells a stream about an unreadable event. Its position does not move. */
export function problemSegment(event: UnreadableEvent, to: LivePosition): LiveSegment {
  const data = JSON.stringify({ ...problemOf(event).body(), unreadable: [event.place] });
  return { pieces: [[{ id: to.id, event: 'problem', data }]], messages: 1, length: data.length, to };
}
