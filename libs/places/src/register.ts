import {
  accept,
  applyToPlace,
  decidePlaceCommand,
  fold,
  mayBeProvisional,
  REGISTER_STREAM,
  refuse,
  resolve,
  unregistered,
  type EventId,
  type LocationId,
  type Result,
  type Place,
  type PlaceFacts,
  type PlaceReference,
  type PlaceCommand,
  type RegisterEvent,
  type PlaceMatches,
  type Resolution,
  type Resolved,
} from '#libs/domain';
import { randomUUID } from 'node:crypto';
import { type AppendTransaction, type EventStore, type Receipt } from '#libs/log';
import { search } from './place-search.js';
import { findProvisional, hasRedirects, knownPlaces, readPlaces, writePlaces } from './register-tables.js';

/** A place as a gazetteer has it: validated and normalised facts (`placeSchema`), under an id of the gazetteer. */
export type GazetteerPlace = PlaceFacts & { id: LocationId };

export interface ReconcileOptions {
  /** The author of the import, kept with the events. */
  by?: string;
  onProgress?: (done: Reconciled) => void;
}

/** The place that a statement is recorded on, and how it was found. */
export interface Located {
  id: LocationId;
  resolution: Resolution;
}

/** Places, in the order of their references, that hold for one version of the register. */
export interface Recalled {
  places: Result<Located>[];
  version: string;
  /** To be called where the register has another version. */
  forget: () => void;
}

/** The places of references, by their JSON, at a version of the register. */
interface Memory {
  version: string;
  places: Map<string, Result<Located>>;
}

/** The number of places of the gazetteer that were compared, and of events that their differences made. */
export interface Reconciled {
  places: number;
  events: number;
}

const MAX_BATCH = 500;
/** About 10 MB. */
const MAX_REMEMBERED = 20_000;
const newEventId = () => randomUUID() as EventId;

/** The register of places: resolves references to places, and takes in gazetteers. */
export class Register {
  private readonly shard: number;
  /** Whether an older fold gave places other ids than they would have now: read once, when a store is opened. */
  private redirects: Promise<boolean> | undefined;
  private memory: Promise<Memory> | undefined;

  constructor(private readonly store: EventStore) {
    this.shard = store.shardOf(REGISTER_STREAM);
  }

  /**
   * Resolves references to places, in order, with a few queries for all of them. Refused: `location-unknown` for an id, or
   * a code without a name, that the register does not have; `location-ambiguous` for such a code of several places.
   */
  async resolve(references: readonly PlaceReference[]): Promise<Result<Located>[]> {
    return (await this.look(references)).map(({ outcome }) => outcome);
  }

  /**
   * As `resolve`, but references that were resolved before are taken from memory. It holds under the condition that the
   * register still has the `version`: whoever appends with it has to check that, and to `forget` what does not hold.
   */
  async recall(references: readonly PlaceReference[]): Promise<Recalled> {
    this.memory ??= this.store.registerVersion().then((version) => ({ version, places: new Map() }));
    const beginning = this.memory;
    const { version, places } = await beginning.catch((error: unknown) => {
      this.forgetIf(beginning);
      throw error;
    });
    const keys = references.map((reference) => JSON.stringify(reference));
    const found = keys.map((key) => places.get(key));
    const unseen = found.flatMap((one, at) => (one ? [] : [at]));
    if (unseen.length > 0) {
      const looked = await this.look(unseen.map((at) => references[at]!));
      if (places.size > MAX_REMEMBERED) places.clear();
      for (const [n, at] of unseen.entries()) {
        const { outcome, lasts } = looked[n]!;
        found[at] = outcome;
        if (lasts) places.set(keys[at]!, outcome);
      }
    }
    return { places: found as Result<Located>[], version, forget: () => this.forgetIf(beginning) };
  }

  private forgetIf(memory: Promise<Memory>): void {
    if (this.memory === memory) this.memory = undefined;
  }

  /** `lasts`: the outcome is the same until the register has a further event. */
  private async look(
    references: readonly PlaceReference[],
  ): Promise<{ outcome: Result<Located>; lasts: boolean }[]> {
    const { pool } = this.store;
    const ids = references.flatMap(({ id }) => (id === undefined ? [] : [id]));
    const named = references.filter(isNamed);
    const [known, hits, redirects] = await Promise.all([
      ids.length > 0 ? knownPlaces(pool, distinct(ids)) : undefined,
      findMatches(pool, named),
      this.hasRedirects(),
    ]);
    let next = 0;
    const resolved = references.map((reference): Result<Resolved> => {
      if (isNamed(reference)) return resolve(reference, hits[next++]!);
      const { id } = reference;
      if (known!.has(id)) return accept({ id, resolution: { kind: 'resolved', by: 'id' } });
      return refuse('location-unknown', `no place has the id ${id}`, [
        { pointer: '/location/id', detail: 'is not known' },
      ]);
    });
    // Only where a reference has several ids, or an id may be another place's, does it depend on what is recorded already.
    const isAsked = (ids: readonly LocationId[]) => redirects || ids.length > 1;
    const asked = resolved.flatMap((outcome) =>
      outcome.ok && 'fresh' in outcome.value && isAsked(outcome.value.known) ? outcome.value.known : [],
    );
    const provisional =
      asked.length > 0
        ? await findProvisional(pool, distinct(asked))
        : (new Map() as Awaited<ReturnType<typeof findProvisional>>);
    return resolved.map((outcome, at) => {
      if (!outcome.ok) return { outcome, lasts: false };
      const { value } = outcome;
      const { region, within } = references[at]!;
      const id =
        'fresh' in value
          ? (value.known.flatMap((one) => provisional.get(one) ?? [])[0] ?? value.fresh)
          : value.id;
      return {
        outcome: accept({ id, resolution: value.resolution }),
        // A text may be the id of a provisional place, which a statement, not an event of the register, makes known.
        lasts:
          !('fresh' in value && isAsked(value.known)) &&
          ![region, within].some((text) => text !== undefined && mayBeProvisional(text)),
      };
    });
  }

  private hasRedirects(): Promise<boolean> {
    this.redirects ??= hasRedirects(this.store.pool).catch((error: unknown) => {
      this.redirects = undefined;
      throw error;
    });
    return this.redirects;
  }

  /** The places with these ids that the register knows, and those they are merged into. */
  places(ids: readonly LocationId[]): Promise<Map<LocationId, Place>> {
    return readPlaces(this.store.pool, ids);
  }

  /**
   * Appends the facts of a gazetteer that the register lacks; removes nothing. Unchanged places are only read, 500 a query,
   * without locks.
   */
  async reconcile(
    gazetteer: AsyncIterable<GazetteerPlace> | Iterable<GazetteerPlace>,
    { by, onProgress }: ReconcileOptions = {},
  ): Promise<Reconciled> {
    const done: Reconciled = { places: 0, events: 0 };
    for await (const batch of batches(gazetteer, MAX_BATCH)) {
      const commands = batch.map((facts) => ({
        kind: 'reconcile' as const,
        ...facts,
        ...(by !== undefined && { by }),
      }));
      const ids = batch.map(({ id }) => id);
      if (decideAll(commands, await this.places(ids)).length > 0) {
        const receipts = await this.store.appendDeciding([this.shard], async (transaction) => {
          const places = await readPlaces(transaction.client, ids);
          return appendToRegister(transaction, decideAll(commands, places), places);
        });
        done.events += receipts.length;
      }
      done.places += batch.length;
      onProgress?.({ ...done });
    }
    return done;
  }
}

/** Decides on commands one after the other, each on the places as the earlier ones leave them. */
function decideAll(
  commands: readonly PlaceCommand[],
  known: ReadonlyMap<LocationId, Place>,
): RegisterEvent[] {
  const places = new Map(known);
  return commands.flatMap((command) => {
    const decided = decidePlaceCommand(command, places, newEventId);
    if (!decided.ok) throw new Error(`gazetteer, place ${command.id}: ${decided.refusal.detail}`);
    apply(places, decided.value);
    return decided.value;
  });
}

/** Appends events of the register and updates its tables. @param known the places as they are before these events */
export async function appendToRegister(
  transaction: AppendTransaction,
  events: readonly RegisterEvent[],
  known: ReadonlyMap<LocationId, Place>,
): Promise<Receipt[]> {
  if (events.length === 0) return [];
  const places = new Map(known);
  const lastEvents = apply(places, events);
  const outcomes = await transaction.append(events.map((event) => ({ event })));
  await writePlaces(
    transaction.client,
    [...lastEvents].map(([id, lastEvent]) => ({ ...places.get(id)!, lastEvent })),
  );
  return outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
}

/** Applies events to places. @returns the last event about each place that they change */
export function apply(
  places: Map<LocationId, Place>,
  events: readonly RegisterEvent[],
): Map<LocationId, EventId> {
  const touched = new Map<LocationId, EventId>();
  for (const event of events) {
    const { locationId } = event.data;
    places.set(locationId, applyToPlace(places.get(locationId) ?? unregistered(locationId), event));
    touched.set(locationId, event.eventId);
  }
  return touched;
}

type Named = PlaceReference & { id?: undefined };

const isNamed = (reference: PlaceReference): reference is Named => reference.id === undefined;

/** For each reference by name or code, the registered places that it may mean. */
async function findMatches(db: EventStore['pool'], references: readonly Named[]): Promise<PlaceMatches[]> {
  const names = references.map(({ name }) => (name === undefined ? undefined : fold(name)));
  const codes = references.flatMap(({ code }) => (code ? [code] : []));
  const texts = distinct(
    references.flatMap(({ region, within }) => [region, within].filter((text) => text !== undefined)),
  );
  const found = await search(db, distinct(names.filter((name) => name !== undefined)), codes, texts);
  const hits = references.map(({ code }, at) => ({
    byName: names[at] === undefined ? [] : found.byName(names[at]),
    byCode: code ? found.byCode(code) : [],
  }));
  // A place may name its region in words of its own.
  const words = new Set<string>();
  for (const [at, { country, region, within }] of references.entries()) {
    for (const match of hits[at]!.byName)
      if (
        match.region !== null &&
        (region !== undefined ||
          within !== undefined ||
          (country !== undefined && !match.countries.includes(country)))
      )
        words.add(match.region);
    // A place may also be known under any other name of its region.
    if (hits[at]!.byName.length !== 1)
      for (const text of [region, within])
        if (text !== undefined)
          for (const { names } of found.named(text)) for (const name of names) words.add(name);
  }
  for (const text of texts) words.delete(text);
  const further = words.size > 0 ? await search(db, [], [], [...words]) : undefined;
  const named = (text: string) => (words.has(text) ? further! : found).named(text);
  return hits.map((those) => ({ ...those, named }));
}

const distinct = <T>(items: readonly T[]): T[] => [...new Set(items)];

async function* batches<T>(items: AsyncIterable<T> | Iterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
