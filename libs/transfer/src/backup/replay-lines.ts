import type { UnreadableEvent } from '#libs/domain';
import type { EventStore, LogRange, LineChunk, OnUnreadable } from '#libs/log';
import { machineClock, throttleToRecordedTime, type Clock, type Speed, RangeProgress } from '#libs/jobs';

/** Lines of JSON, one event each, and the progress through the range after them. */
export interface Lines {
  text: string;
  events: number;
  progress: RangeProgress;
}

export interface LinesOptions {
  speed?: Speed | undefined;
  clock?: Clock;
  /** Called with the first unreadable event of a shard, whose later events are left out (default: the reading throws it). */
  onUnreadable?: OnUnreadable;
}

/** The approximate size of a chunk, in characters. */
const CHUNK_LENGTH = 64 * 1024;

/**
 * A range of the log as NDJSON, each event as `GET /v1/events` gives it, all shards by recordedAt, each in its own order.
 * The last chunk has no text: it completes the range, but for the shards with an unreadable event, and is missing if the signal was given. At most one page of each
 * shard is read ahead of the reader.
 */
export async function* replayLines(
  store: EventStore,
  range: LogRange,
  { speed, clock = machineClock, onUnreadable }: LinesOptions,
  signal: AbortSignal,
): AsyncGenerator<Lines> {
  const progress = new RangeProgress(range);
  const unreadable: UnreadableEvent[] = [];
  const leaveOut: OnUnreadable | undefined =
    onUnreadable &&
    ((event) => {
      unreadable.push(event);
      onUnreadable(event);
    });
  for await (const slices of throttleToRecordedTime(
    store.readLines(range, undefined, leaveOut),
    { speed, clock, most: CHUNK_LENGTH, sizeOf },
    signal,
  )) {
    for (const slice of slices) progress.reach(slice);
    yield {
      text: slices.map(({ lines }) => lines).join(''),
      events: slices.reduce((sum, { events }) => sum + events, 0),
      progress,
    };
  }
  if (signal.aborted) return;
  progress.end(unreadable);
  yield { text: '', events: 0, progress };
}

const sizeOf = ({ lines }: LineChunk) => lines.length;
