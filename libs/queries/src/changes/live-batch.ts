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
import { matches, type LocationFilter } from '../place-filter.js';
import { GetPlace } from '../places/get-place.js';
import { GetPlaces, type RootState } from '../places/get-places.js';
import type { QueryExecutor } from '../query.js';
import type { ReadModels } from '../read-models.js';
import { GetStatements } from '../statements/get-statements.js';

/**
 * One message of the live stream. `id`: the whole token, after which the stream can be resumed. `data`: JSON. A problem says that
 * the stream goes on without a shard.
 */
export interface LiveMessage {
  id: string;
  event: 'claim' | 'state' | 'problem';
  data: string;
}

/** Where a stream is in the log. `id`: its token as text. */
export interface LivePosition {
  token: Token;
  id: string;
}

export const positionAt = (token: Token): LivePosition => ({ token, id: formatToken(token) });

/** What a batch has for a stream, and where the stream is after it. The messages of a piece are sent together. */
export interface LiveSegment {
  pieces: readonly (readonly LiveMessage[])[];
  messages: number;
  /** Of the data, in UTF-16 units. */
  length: number;
  to: LivePosition;
}

export interface LiveBatchSources {
  queries: QueryExecutor;
  models: Pick<ReadModels, 'ruleset'>;
}

/** A stream, as a batch sees it: the events after a token are new to it, and before `ends` in shards that have one. */
interface View {
  from: Token;
  ends?: Token;
  filter: LocationFilter;
}

/** What a stream gets of a batch. */
interface Selection {
  /** The events that are new to it. */
  events: readonly PlacedEvent[];
  claims: ReadonlySet<PlacedEvent>;
  /** The places that pass the filter or have just left it, by the last event that touches them. */
  states: ReadonlyMap<PlacedEvent, readonly LocationId[]>;
}

/**
 * Some projected events, for streams that may be before them, in them or after them, and have filters of their own. What it
 * reads from the database serves all of them.
 */
export class LiveBatch {
  private readonly states = new Map<LocationId, { json: string; state?: LocationState }>();
  private readonly earlier = new Map<string, Promise<LocationState | undefined>>();
  private inForce: Promise<Ruleset> | undefined;

  private constructor(
    private readonly sources: LiveBatchSources,
    private readonly events: readonly PlacedEvent[],
    private readonly present: ReadonlyMap<LocationId, RootState>,
  ) {
    for (const { root, json } of present.values()) this.states.set(root, { json });
  }

  /** Reads the present states of the places that the events touch. */
  static async read(sources: LiveBatchSources, events: readonly PlacedEvent[]): Promise<LiveBatch> {
    const touched = new Set(events.flatMap(touchedBy));
    return new LiveBatch(sources, events, await sources.queries.execute(new GetPlaces([...touched])));
  }

  /** What each of some streams gets: each claim, and after the last event that touches a place its present state. */
  async segments(views: readonly View[]): Promise<LiveSegment[]> {
    const selections: Selection[] = [];
    for (const view of views) selections.push(await this.select(view));
    const wanted = new Set(selections.flatMap(({ claims }) => [...claims]));
    const items =
      wanted.size === 0
        ? []
        : await this.sources.queries.execute(
            new GetStatements(Array.from(wanted, ({ statementId }) => statementId!)),
          );
    const claims = new Map<string, string>(items.map((item) => [item.statementId, JSON.stringify(item)]));
    return selections.map((selection, at) => this.segment(views[at]!.from, selection, claims));
  }

  /** The present states that pass a filter or have just left it, as JSON. */
  async statesFor(filter: LocationFilter): Promise<string[]> {
    const { states } = await this.select({ from: new Map(), filter });
    return [...states.values()].flat().map((root) => this.states.get(root)!.json);
  }

  private async select({ from, ends, filter }: View): Promise<Selection> {
    const events = this.events.filter(
      ({ shard, position }) =>
        position > (from.get(shard) ?? 0) && position < (ends?.get(shard) ?? Number.POSITIVE_INFINITY),
    );
    const touches = new Map<LocationId, { first: PlacedEvent; last: PlacedEvent }>();
    for (const event of events)
      for (const root of touchedBy(event).map((id) => this.rootOf(id)))
        if (root !== undefined) touches.set(root, { first: touches.get(root)?.first ?? event, last: event });
    const passing = new Set<LocationId>();
    await eachOf(touches, async ([root, { first }]) => {
      if (await this.passes(root, first, filter)) passing.add(root);
    });
    const states = new Map<PlacedEvent, LocationId[]>();
    for (const [root, { last }] of touches)
      if (passing.has(root)) states.set(last, [...(states.get(last) ?? []), root]);
    const isOfPassing = ({ stream }: PlacedEvent) => passing.has(this.rootOf(stream as LocationId)!);
    return {
      events,
      claims: new Set(events.filter((event) => isClaim(event) && isOfPassing(event))),
      states,
    };
  }

  private segment(
    from: Token,
    { events, claims, states }: Selection,
    items: ReadonlyMap<string, string>,
  ): LiveSegment {
    const reached = new Map(from);
    const messages: LiveMessage[] = [];
    for (const event of events) {
      reached.set(event.shard, event.position);
      const claim = claims.has(event) ? items.get(event.statementId!) : undefined;
      const last = states.get(event) ?? [];
      if (claim === undefined && last.length === 0) continue;
      const id = formatToken(reached);
      if (claim !== undefined) messages.push({ id, event: 'claim', data: claim });
      for (const root of last) messages.push({ id, event: 'state', data: this.states.get(root)!.json });
    }
    return {
      pieces: piecesOf(messages),
      messages: messages.length,
      length: messages.reduce((sum, { data }) => sum + data.length, 0),
      to: positionAt(reached),
    };
  }

  /** Whether a place passes the filter, or did before an event touched it. */
  private async passes(root: LocationId, first: PlacedEvent, filter: LocationFilter): Promise<boolean> {
    if (Object.values(filter).every((condition) => condition === undefined)) return true;
    const ruleset = await (this.inForce ??= this.sources.models.ruleset());
    const present = this.states.get(root)!;
    present.state ??= JSON.parse(present.json) as LocationState;
    if (matches(present.state, filter, ruleset)) return true;
    const earlier = await this.before(root, first);
    return earlier !== undefined && matches(earlier, filter, ruleset);
  }

  /** The state of a place before an event touched it. */
  private before(root: LocationId, { recordedAt }: PlacedEvent): Promise<LocationState | undefined> {
    const key = `${recordedAt} ${root}`;
    let earlier = this.earlier.get(key);
    if (!earlier) {
      const knownAt = new Date(Date.parse(recordedAt) - 1).toISOString();
      earlier = this.sources.queries
        .execute(new GetPlace(root, { knownAt }))
        .then((found) => found && (JSON.parse(found.json) as LocationState));
      this.earlier.set(key, earlier);
    }
    return earlier;
  }

  private rootOf(id: LocationId): LocationId | undefined {
    return this.present.get(id)?.root;
  }
}

const touchedBy = (event: PlacedEvent): LocationId[] =>
  isRegister(event) ? placesOf(event) : [event.stream as LocationId];

/** In UTF-16 units: more is sent in several pieces, each no faster than it is read. */
const MAX_PIECE_LENGTH = 64 * 1024;

function piecesOf(messages: readonly LiveMessage[]): LiveMessage[][] {
  const pieces: LiveMessage[][] = [];
  let length = Infinity;
  for (const message of messages) {
    if (length >= MAX_PIECE_LENGTH) {
      pieces.push([]);
      length = 0;
    }
    pieces.at(-1)!.push(message);
    length += message.data.length;
  }
  return pieces;
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
