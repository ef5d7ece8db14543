import {
  formatToken,
  isClaim,
  isRegister,
  placesOf,
  type LocationId,
  type LocationState,
  type PlacedEvent,
  type Ruleset,
  type Token,
} from '#libs/domain';
import type { LogArchive } from '#libs/projection';
import type { ProjectionWaiter } from '../freshness/projection-waiter.js';
import { matches, type LocationFilter } from '../place-filter.js';
import { GetPlace } from '../places/get-place.js';
import type { QueryExecutor } from '../query.js';
import type { ReadModels } from '../read-models.js';
import { GetStatement } from '../statements/get-statement.js';

/** One message of the live stream. `id`: the whole token, after which the stream can be resumed. `data`: JSON. */
export interface LiveMessage {
  id: string;
  event: 'claim' | 'state';
  data: string;
}

/** The position of the stream, sent when there is nothing else to send. */
export interface LiveToken {
  id: string;
}

export interface LiveStreamSources {
  log: Pick<LogArchive, 'readShard' | 'shards'> & { readAll(after: Token): AsyncIterable<PlacedEvent> };
  queries: QueryExecutor;
  models: Pick<ReadModels, 'checkpoints' | 'ruleset'>;
  waiter: ProjectionWaiter;
}

const MAX_BATCH = 500;

/**
 * The log after a token, up to the checkpoints of the read models, then live: each claim once, and after the last event of
 * a batch that touches a place, the present state of that place. A stream resumed after any message repeats no claim and
 * misses no place's last state. It begins with its token, so that a reader cut off before the first message has one too.
 * @param filter selects places that match it, and those that have just ceased to
 * @param options.resumed whether a reader was cut off at `from`: after a claim it may lack the following state, so the
 * states of the places touched by the last events are sent again
 * @param options.idle the stream sends its token after this many milliseconds without a message, even if events were skipped
 */
export async function* liveStream(
  sources: LiveStreamSources,
  from: Token,
  filter: LocationFilter,
  { signal, idle, resumed }: { signal: AbortSignal; idle: number; resumed: boolean },
): AsyncGenerator<LiveMessage | LiveToken> {
  const { log, models, waiter } = sources;
  // Every shard is named: an empty id would not count as an id.
  const reached = new Map(Array.from({ length: log.shards }, (_, shard) => [shard, from.get(shard) ?? 0]));
  const token = (): LiveToken => ({ id: formatToken(reached) });
  yield token();
  let sentAt = performance.now();
  const rest = () => sentAt + idle - performance.now();
  if (resumed) {
    const { states } = await collectMessages(sources, await eventsAt(log, from), filter);
    for (const { json } of states.values()) yield { ...token(), event: 'state', data: json };
  }

  while (!signal.aborted) {
    const projected = await models.checkpoints();
    for await (const batch of batches(log.readAll(reached), projected)) {
      const { claims, states, lastTouch } = await collectMessages(sources, batch, filter);
      for (const [at, event] of batch.entries()) {
        if (signal.aborted) return;
        reached.set(event.shard, event.position);
        const claim = claims.get(event.eventId);
        const last = [...states].filter(([root]) => lastTouch.get(root) === at);
        if (!claim && last.length === 0) continue;
        const { id } = token();
        if (claim) yield { id, event: 'claim', data: claim };
        for (const [, { json }] of last) yield { id, event: 'state', data: json };
        sentAt = performance.now();
      }
      if (rest() > 0) continue;
      yield token();
      sentAt = performance.now();
    }
    if ((await waiter.waitBeyond(projected, Math.max(0, rest()), signal)) || signal.aborted) continue;
    yield token();
    sentAt = performance.now();
  }
}

interface CollectedMessages {
  /** Claims to send, by event id. */
  claims: Map<string, string>;
  /** States to send, by place, each of a place that passes the filter or has just left it. */
  states: Map<LocationId, { json: string }>;
  /** For each place, the index of the last event of the batch that touches it. */
  lastTouch: Map<LocationId, number>;
}

/** The messages to send for some events. */
async function collectMessages(
  { queries, models }: Pick<LiveStreamSources, 'queries' | 'models'>,
  events: readonly PlacedEvent[],
  filter: LocationFilter,
): Promise<CollectedMessages> {
  const places = new Set(events.flatMap(touchedBy));
  const present = new Map<LocationId, { root: LocationId; json: string; state: LocationState }>();
  await eachOf(places, async (id) => {
    const answer = await queries.execute(new GetPlace(id));
    if (!answer) return;
    const { mergedFrom: _, ...state } = JSON.parse(answer.json) as LocationState & { mergedFrom?: string };
    present.set(id, { root: state.id, json: state.id === id ? answer.json : JSON.stringify(state), state });
  });

  const lastTouch = new Map<LocationId, number>();
  const firstTouch = new Map<LocationId, PlacedEvent>();
  for (const [at, event] of events.entries())
    for (const id of touchedBy(event)) {
      const root = present.get(id)?.root;
      if (root === undefined) continue;
      lastTouch.set(root, at);
      if (!firstTouch.has(root)) firstTouch.set(root, event);
    }

  const ruleset = await models.ruleset();
  const states: CollectedMessages['states'] = new Map();
  const roots = new Map([...present.values()].map((one) => [one.root, one]));
  await eachOf(roots.keys(), async (root) => {
    const { state, json } = roots.get(root)!;
    if (
      matches(state, filter, ruleset) ||
      (await matchedBefore(queries, ruleset, root, firstTouch.get(root)!, filter))
    )
      states.set(root, { json });
  });

  const claims: CollectedMessages['claims'] = new Map();
  const sent = events
    .filter(isClaim)
    .filter((event) =>
      states.has(present.get(event.stream as LocationId)?.root ?? (event.stream as LocationId)),
    );
  await eachOf(sent, async (event) => {
    const item = await queries.execute(new GetStatement(event.statementId!));
    if (item) claims.set(event.eventId, JSON.stringify(item));
  });
  return { claims, states, lastTouch };
}

/** Whether a place passed the filter before an event touched it. */
async function matchedBefore(
  queries: QueryExecutor,
  ruleset: Ruleset,
  id: LocationId,
  event: PlacedEvent,
  filter: LocationFilter,
): Promise<boolean> {
  const knownAt = new Date(Date.parse(event.recordedAt) - 1).toISOString();
  const before = await queries.execute(new GetPlace(id, { knownAt }));
  return before !== undefined && matches(JSON.parse(before.json) as LocationState, filter, ruleset);
}

const touchedBy = (event: PlacedEvent): LocationId[] =>
  isRegister(event) ? placesOf(event) : [event.stream as LocationId];

/** The events exactly at the positions of a token. */
async function eventsAt(log: LiveStreamSources['log'], token: Token): Promise<PlacedEvent[]> {
  const pages = await Promise.all(
    [...token]
      .filter(([, position]) => position > 0)
      .map(([shard, position]) => log.readShard(shard, position - 1, 1)),
  );
  return pages.flat();
}

/** The projected events, in batches; the others wait for the next read. */
async function* batches(events: AsyncIterable<PlacedEvent>, projected: Token): AsyncGenerator<PlacedEvent[]> {
  let batch: PlacedEvent[] = [];
  for await (const event of events) {
    if (event.position > (projected.get(event.shard) ?? 0)) continue;
    batch.push(event);
    if (batch.length < MAX_BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

const MAX_CONCURRENT = 4;

/** Processes items, a few at a time: one reader must not take all connections. */
async function eachOf<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: MAX_CONCURRENT }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
    }),
  );
}
