import type { Token, UnreadableEvent } from '#libs/domain';
import { problemOf } from '#libs/platform';
import type { LivePosition, LiveSegment } from './live-batch.js';

/** An unreadable event is looked at again after this time: it may have been mended. */
const RETRY_MS = 10_000;

/**
 * The unreadable events that the live streams of a process have met. A stream that is before one gets no more of its shard until
 * it is mended; the stream is told, and gets the other shards.
 */
export class UnreadableEvents {
  private readonly met = new Map<string, { event: UnreadableEvent; until: number }>();
  private readonly told = new Set<string>();

  constructor(private readonly retryMs = RETRY_MS) {}

  /** @returns whether it was never known */
  add(event: UnreadableEvent): boolean {
    const key = `${event.shard}:${event.position}`;
    this.met.set(key, { event, until: performance.now() + this.retryMs });
    if (this.told.has(key)) return false;
    this.told.add(key);
    return true;
  }

  /** Those that are known now. A shard in which one is due to be looked at again is forgotten: it may have been mended. */
  present(): readonly UnreadableEvent[] {
    const now = performance.now();
    const all = [...this.met];
    const due = new Set(all.flatMap(([, { event, until }]) => (until <= now ? [event.shard] : [])));
    for (const [key, { event }] of all) if (due.has(event.shard)) this.met.delete(key);
    return [...this.met.values()].map(({ event }) => event);
  }

  /** The time until one is due, in milliseconds; undefined where there is none. */
  get dueInMs(): number | undefined {
    const times = Array.from(this.met.values(), ({ until }) => until);
    return times.length === 0 ? undefined : Math.max(0, Math.min(...times) - performance.now());
  }
}

/** The first unreadable event of each shard after a token: it holds a stream there. */
export function holding(known: readonly UnreadableEvent[], token: Token): UnreadableEvent[] {
  const first = new Map<number, UnreadableEvent>();
  for (const event of known)
    if (
      event.position > (token.get(event.shard) ?? 0) &&
      event.position < (first.get(event.shard)?.position ?? Number.POSITIVE_INFINITY)
    )
      first.set(event.shard, event);
  return [...first.values()];
}

/** By shard, the position before which a stream at a token ends. */
export const endsFor = (known: readonly UnreadableEvent[], token: Token): Token =>
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
