import { formatToken, type EventType, type Token } from '#libs/domain';
import { endOf, positionsIn, type Bound, type EventStore } from '#libs/event-store';
import type { Speed } from './pacing.js';

/** What of the history is asked for. */
export interface HistoryWanted {
  after?: Token | undefined;
  from?: Bound | undefined;
  to?: Bound | undefined;
  /** Ids of places as they were when the events were recorded; `register` for the events about places themselves. */
  locations?: string[] | undefined;
  types?: EventType[] | undefined;
}

/** What a publishing is to do. Its range is fixed when it is asked for, so that it ends while the log grows. */
export interface PublishSpec {
  topic: string;
  /** Where it begins and ends: tokens. */
  after: string;
  to: string;
  /** How many positions of the log lie in between. */
  total: number;
  locations?: string[] | undefined;
  types?: EventType[] | undefined;
  speed?: Speed | undefined;
}

export async function publishSpec(
  store: Pick<EventStore, 'range'>,
  topic: string,
  { locations, types, ...bounds }: HistoryWanted,
  speed?: Speed,
): Promise<PublishSpec> {
  const range = await store.range({ ...bounds, streams: locations, types });
  const after: Token = new Map(range.spans.map((span) => [span.shard, span.after]));
  return {
    topic,
    after: formatToken(after),
    to: formatToken(endOf(range)),
    total: positionsIn(range),
    locations,
    types,
    speed,
  };
}
