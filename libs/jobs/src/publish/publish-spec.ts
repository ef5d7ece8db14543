import type { EventType, Token } from '#libs/domain';
import { rangeEnd, positionsIn, type RangeBound, type EventStore } from '#libs/log';
import type { Speed } from './pacing.js';

/** The requested part of the history. */
export interface HistoryWanted {
  after?: Token | undefined;
  from?: RangeBound | undefined;
  to?: RangeBound | undefined;
  /** Ids of places as they were when the events were recorded; `register` for the events about places themselves. */
  locations?: string[] | undefined;
  types?: EventType[] | undefined;
}

/** The task of a publishing. Its range is fixed at the request, so that it ends while the log grows. */
export interface PublishSpec {
  topic: string;
  /** Its start and end, as tokens. */
  after: string;
  to: string;
  /** The number of positions of the log in between. */
  total: number;
  locations?: string[] | undefined;
  types?: EventType[] | undefined;
  speed?: Speed | undefined;
}

export async function publishSpec(
  store: Pick<EventStore, 'epochs' | 'range'>,
  topic: string,
  { locations, types, ...bounds }: HistoryWanted,
  speed?: Speed,
): Promise<PublishSpec> {
  const range = await store.range({ ...bounds, streams: locations, types });
  const after: Token = new Map(range.spans.map((range) => [range.shard, range.after]));
  return {
    topic,
    after: store.epochs.format(after),
    to: store.epochs.format(rangeEnd(range)),
    total: positionsIn(range),
    locations,
    types,
    speed,
  };
}
