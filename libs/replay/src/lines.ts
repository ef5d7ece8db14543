import type { EventStore, LogRange, Slice } from '#libs/event-store';
import { machineClock, paced, type Clock, type Speed } from './pacing.js';
import { Passage } from './passage.js';

/** Lines of JSON, one event each, and the progress through the range after them. */
export interface Lines {
  text: string;
  events: number;
  passage: Passage;
}

export interface LinesOptions {
  speed?: Speed | undefined;
  clock?: Clock;
}

/** The approximate size of a chunk, in characters. */
const PIECE = 64 * 1024;

/**
 * A range of the log as NDJSON, each event as `GET /v1/events` gives it, all shards by recordedAt, each in its own order.
 * The last chunk has no text: it completes the range, and is missing if the signal was given. At most one page of each
 * shard is read ahead of the reader.
 */
export async function* replayLines(
  store: EventStore,
  range: LogRange,
  { speed, clock = machineClock }: LinesOptions,
  signal: AbortSignal,
): AsyncGenerator<Lines> {
  const passage = new Passage(range);
  for await (const slices of paced(store.readLines(range), { speed, clock, most: PIECE, sizeOf }, signal)) {
    for (const slice of slices) passage.reach(slice);
    yield {
      text: slices.map(({ lines }) => lines).join(''),
      events: slices.reduce((sum, { events }) => sum + events, 0),
      passage,
    };
  }
  if (signal.aborted) return;
  passage.end();
  yield { text: '', events: 0, passage };
}

const sizeOf = ({ lines }: Slice) => lines.length;
