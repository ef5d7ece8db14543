import type { EventStore, LogRange, Slice } from '#libs/event-store';
import { machineClock, paced, type Clock, type Speed } from './pacing.js';
import { Passage } from './passage.js';

/** Lines of JSON, one event each, and how far the range is gone through with them. */
export interface Lines {
  text: string;
  events: number;
  passage: Passage;
}

export interface LinesOptions {
  speed?: Speed | undefined;
  clock?: Clock;
}

/** About so many characters are given out at once. */
const PIECE = 64 * 1024;

/**
 * A range of the log as NDJSON, each event as `GET /v1/events` gives it, all shards by recordedAt, each in its own order.
 * The last piece has no text: with it the range is gone through. Where the signal is given it does not come. Nothing is read ahead of a reader but a page of each shard.
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
