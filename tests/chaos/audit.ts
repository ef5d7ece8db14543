import {
  canonicalJson,
  isRegister,
  locationState,
  placesOf,
  type LocationId,
  type RecordedEvent,
  type Ruleset,
  type Token,
} from '#libs/domain';
import { EventStore } from '#libs/log';
import { verify } from '#libs/transparency';
import { createPool } from '#libs/platform';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from './http.js';
import { keyOf, type Answer, type Ledger } from './ledger.js';
import { InMemoryProjection } from '../support/in-memory-projection.js';

interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

const PAGE = 1000;
/** More faults of one kind say nothing more. */
const SHOWN = 10;

/**
 * Holds the log against what was sent and acknowledged, and the read models against the plain fold of the log. Rounds are
 * audited one after the other, each from where the one before ended; `whole` starts over.
 */
export class Audit {
  private projection = new InMemoryProjection();
  private readonly logged = new Map<string, Answer>();
  private after = new Map<number, number>();
  private touched = new Set<string>();

  constructor(
    private readonly ledger: Ledger,
    private readonly ruleset: Ruleset,
    private readonly caller: Caller,
    private readonly shards: number,
  ) {}

  get events(): number {
    return [...this.after.values()].reduce((sum, position) => sum + position, 0);
  }

  /** Whether the log, as far as it was read, holds what was sent under this key. */
  has(key: string): boolean {
    return this.logged.has(key);
  }

  /** What is wrong after a round. Nobody writes meanwhile. */
  async round(databaseUrl: string): Promise<string[]> {
    const faults = await this.log(databaseUrl);
    faults.push(...this.acknowledged(this.ledger.takeFresh()));
    faults.push(...(await this.level()));
    if (faults.length === 0) faults.push(...(await this.places([...this.touched])));
    this.touched.clear();
    return faults;
  }

  /** All of it once more, from the first event on. */
  async whole(databaseUrl: string): Promise<string[]> {
    this.projection = new InMemoryProjection();
    this.logged.clear();
    this.after = new Map();
    this.ledger.takeFresh();
    const faults = await this.log(databaseUrl);
    faults.push(...this.acknowledged([...this.ledger.answers.keys(), ...this.ledger.promised]));
    faults.push(...(await this.level()));
    faults.push(...(await this.list()));
    faults.push(...(await this.places(this.projection.roots())));
    this.touched.clear();
    return faults;
  }

  /** Positions, chains, and events that nobody sent or that are there twice. */
  private async log(databaseUrl: string): Promise<string[]> {
    const pool = createPool(databaseUrl, { max: 4 });
    const faults: string[] = [];
    try {
      const store = await EventStore.open(pool, { shards: this.shards });
      const before: Token = new Map(this.after);
      const heads = await store.heads();
      for (const { shard, position: head } of heads) {
        for (
          let events = await store.readShard(shard, this.at(shard), PAGE);
          events.length > 0;
          events = await store.readShard(shard, this.at(shard), PAGE)
        )
          for (const event of events) faults.push(...this.take(event));
        if (this.at(shard) !== head)
          faults.push(`shard ${shard} has its head at ${head}, and its last event at ${this.at(shard)}`);
      }
      const verified = await verify(store, { after: before });
      faults.push(
        ...verified.faults.map(({ shard, position, what }) => `verify: ${shard}:${position} ${what}`),
      );
    } finally {
      await pool.end();
    }
    return few(faults);
  }

  private take(event: RecordedEvent): string[] {
    const { shard, position, eventId, recordedAt } = event;
    const faults: string[] = [];
    if (position !== this.at(shard) + 1)
      faults.push(`after ${shard}:${this.at(shard)} comes ${shard}:${position}`);
    this.after.set(shard, position);
    const fault = this.ledger.faultOf(event);
    if (fault) faults.push(fault);
    const key = keyOf(event);
    if (this.logged.has(key))
      faults.push(
        `${key} is in the log twice: ${canonicalJson(this.logged.get(key))} and ${shard}:${position}`,
      );
    this.logged.set(key, {
      eventId,
      shard,
      position,
      recordedAt,
      locationId: isRegister(event) ? event.data.locationId : event.stream,
    });
    try {
      this.projection.append(event);
    } catch {
      faults.push(`event ${eventId} (${shard}:${position}) is about a statement that is not in the log`);
    }
    for (const place of placesOf(event)) this.touched.add(place);
    return faults;
  }

  /** What was acknowledged is there, as it was acknowledged. */
  private acknowledged(keys: Iterable<string>): string[] {
    const faults: string[] = [];
    for (const key of keys) {
      const answer = this.ledger.answers.get(key);
      const logged = this.logged.get(key);
      if (!logged)
        faults.push(
          `LOST: ${key} was acknowledged${answer ? ` as ${canonicalJson(answer)}` : ''} and is not in the log`,
        );
      else if (answer && canonicalJson(logged) !== canonicalJson(answer))
        faults.push(
          `${key} was acknowledged as ${canonicalJson(answer)} and is in the log as ${canonicalJson(logged)}`,
        );
    }
    return few(faults);
  }

  /** Waits until the projections have reached the log. */
  private async level(): Promise<string[]> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const { body } = await this.caller.json('GET', '/v1/projections');
      const { items } = body as { items: { shard: number; checkpoint?: number; lag: { events: number } }[] };
      const behind = items.filter(({ lag }) => lag.events > 0);
      if (behind.length === 0) return [];
      if (Date.now() > deadline) return [`the projections do not come level: ${JSON.stringify(behind)}`];
      await sleep(20);
    }
  }

  /** The list of places is that of the fold. */
  private async list(): Promise<string[]> {
    const listed = new Map<string, unknown>();
    for await (const item of this.items<{ id: string }>('/v1/locations?order=id')) listed.set(item.id, item);
    const faults: string[] = [];
    const roots = new Set<string>(this.projection.roots());
    for (const id of roots) if (!listed.has(id)) faults.push(`place ${id} is missing in the list`);
    for (const id of listed.keys())
      if (!roots.has(id)) faults.push(`place ${id} is in the list, and none of the fold`);
    return few(faults);
  }

  /** State, history and timeline of places (or of those they are merged into) are those of the fold. */
  private async places(ids: readonly string[]): Promise<string[]> {
    const roots = [...new Set(ids.map((id) => this.projection.history(id as LocationId).places[0].id))];
    const faults: string[] = [];
    const compare = async () => {
      for (let id = roots.pop(); id !== undefined && faults.length < SHOWN; id = roots.pop())
        faults.push(...(await this.place(id)));
    };
    await Promise.all([compare(), compare(), compare(), compare()]);
    return few(faults);
  }

  private async place(id: LocationId): Promise<string[]> {
    const placeHistory = this.projection.history(id);
    const { state, history } = locationState(placeHistory, this.ruleset);
    const path = `/v1/locations/${id}`;
    const faults: string[] = [];
    const differ = (what: string, found: unknown, folded: unknown) => {
      const [a, b] = [canonicalJson(found ?? null), canonicalJson(folded)];
      if (a !== b)
        faults.push(`${path}: ${what} ${aroundDifference(a, b)}, and the fold has ${aroundDifference(b, a)}`);
    };
    const { status, body } = await this.caller.json('GET', path);
    if (status !== 200) return [`${path} answers ${status}`];
    differ('the state has', body, state);
    const shown: unknown[] = [];
    for await (const item of this.items<unknown>(`${path}/history?`)) shown.push(item);
    differ('the history has', shown, history);
    const timeline: string[] = [];
    for await (const item of this.items<{ statementId: string; eventId: string }>(`${path}/timeline?`))
      timeline.push(`${item.statementId} ${item.eventId}`);
    differ(
      'the timeline has',
      timeline.toSorted(),
      placeHistory.timeline.map(({ statementId, eventId }) => `${statementId} ${eventId}`).toSorted(),
    );
    return faults;
  }

  private async *items<T>(path: string): AsyncGenerator<T> {
    let cursor: string | null = null;
    do {
      const { status, body } = await this.caller.json(
        'GET',
        `${path}&limit=500${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      if (status !== 200) throw new Error(`${path} answers ${status} ${JSON.stringify(body)}`);
      const page = body as Page<T>;
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  private readonly at = (shard: number) => this.after.get(shard) ?? 0;
}

/** The first of many faults. */
export const few = (faults: string[]): string[] =>
  faults.length > SHOWN
    ? [...faults.slice(0, SHOWN), `and ${faults.length - SHOWN} more like these`]
    : faults;

/** The first text from a little before where it differs from the second. */
function aroundDifference(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at++;
  return `…${text.slice(Math.max(0, at - 80), at + 160)}…`;
}
