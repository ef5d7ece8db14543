/** Between the beginnings of two batches: for each event of the first, in milliseconds. */
const MS_PER_EVENT = 2;
const MAX_MS = 30;

/**
 * How long a feed rests after a batch, in milliseconds, so that the next one has more events: each batch costs reader,
 * subscriber and database a dozen round trips, however few its events are. Where events come faster than one in 2 ms, batches
 * become as large as what comes in 30 ms; where they come more slowly, or a batch takes longer than that, there is no rest.
 * @param tookMs from its beginning to its end, in milliseconds
 */
export const restAfter = (events: number, tookMs: number): number =>
  Math.max(0, Math.min(MAX_MS, events * MS_PER_EVENT) - tookMs);
