import type { EventToAppend } from '#libs/log';

/** One event as every store takes it: the same name, data and metadata. */
export interface PeerEvent {
  id: string;
  stream: string;
  type: string;
  data: object;
  metadata: object;
}

/** An event store of others. Its server, its number of connections and the events are the same as ours. */
export interface Peer {
  /** Makes its schema in an empty database. */
  install(url: string): Promise<void>;
  open(url: string): Promise<OpenPeer>;
}

export interface OpenPeer {
  /** Appends events of one stream in one transaction, which has been committed when this resolves. */
  append(events: readonly PeerEvent[]): Promise<void>;
  /** Reads all events in their order over all streams, parsed, 1,000 at a time. @returns how many there are */
  read(): Promise<number>;
  close(): Promise<void>;
}

/** What the names of all streams begin with, as ids of the war's places do: for message-db one category. */
export const CATEGORY = 'war';
/** Connections of each store: what pg, and with it Emmett, takes by default. */
export const CONNECTIONS = 10;
/** Events that a peer reads at once. */
export const PAGE = 1000;

export const peerEventsOf = (candidates: readonly EventToAppend[]): PeerEvent[] =>
  candidates.map(({ event: { eventId, stream, type, data, ...rest } }) => ({
    id: eventId,
    stream,
    type,
    data,
    metadata: rest,
  }));
