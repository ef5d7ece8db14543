import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventStore } from '#libs/log';
import { createPool } from '#libs/platform';
import { verifyModels } from '#libs/projection';
import { ruleset } from '../support/test-log.js';
import { appendAll, openWithPlaces } from './loaded.js';
import { Random } from '../support/random.js';
import { type Running, startRunning } from '../api/running.js';

const PLACES = 400;
const SHARDS = 16;
const NEXT = {
  ...(JSON.parse(readFileSync('rulesets/russia-ukraine.json', 'utf8')) as object),
  version: 'next',
};

let one: Running;
/** Another process from the database's view: its own connections, projector and ruleset in memory. */
let other: Running;
let ids: string[];
beforeAll(async () => {
  one = await startRunning();
  const pool = createPool(one.databaseUrl, { max: 4 });
  const { store } = await openWithPlaces(pool, PLACES);
  await appendAll(store, 6000, PLACES, 'before');
  await pool.end();
  other = await startRunning({ DATABASE_URL: one.databaseUrl });
  await until(async () =>
    ((await one.get('/v1/projections')).json.items as { lag: { events: number } }[]).every(
      ({ lag }) => lag.events === 0,
    ),
  );
  ids = ((await one.get('/v1/locations?limit=500')).json.items as { id: string }[]).map(({ id }) => id);
}, 120_000);
afterAll(async () => {
  await other.stop();
  await one.stop();
});

async function until(reached: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await reached()); tries++) {
    if (tries > 600) throw new Error('it takes too long');
    await sleep(100);
  }
}

async function rebuilt(
  request: object,
): Promise<{
  state: string;
  error: string | null;
  result: { differing: string[] | null; rulesetVersion: string; digests: object };
}> {
  const { replayId } = (await one.send('POST', '/v1/replays', { kind: 'rebuild', ...request })).json;
  await until(async () => (await one.get(`/v1/replays/${replayId}`)).json.endedAt !== null);
  return (await one.get(`/v1/replays/${replayId}`)).json;
}

/** The load while read models are replaced; every wrong answer is a fault. */
class Traffic {
  readonly faults: string[] = [];
  readonly received: string[] = [];
  readonly written = new Map<string, string[]>();
  writes = 0;
  reads = 0;
  private ending = false;
  private serial = 0;
  private readonly streaming = new AbortController();
  private readonly work: Promise<void>[];

  constructor(private readonly services: readonly Running[]) {
    this.work = [
      this.again((n) => this.write(n)),
      this.again((n) => this.write(n + 1)),
      this.again((n) => this.list(n)),
      this.again((n) => this.look(n)),
      this.follow(),
    ];
  }

  async end(): Promise<void> {
    this.ending = true;
    await Promise.all(this.work.slice(0, -1));
    await until(async () => this.received.length >= this.writes);
    this.streaming.abort();
    await this.work.at(-1);
  }

  private async again(step: (n: number) => Promise<void>): Promise<void> {
    for (let n = 0; !this.ending; n++)
      await step(n).catch((error: unknown) => void this.faults.push(String(error)));
  }

  private of(n: number): Running {
    return this.services[n % this.services.length]!;
  }

  private check(right: boolean, what: string): void {
    if (!right) this.faults.push(what.slice(0, 500));
  }

  /** Writes, and reads it back at once by its token, from another process. */
  private async write(n: number): Promise<void> {
    const place = ids[(this.serial * 7919) % ids.length]!;
    const day = String(1 + (this.serial % 28)).padStart(2, '0');
    const body = {
      stance: n % 3 === 0 ? 'deny' : 'assert',
      claim: { predicate: 'controls', actor: n % 2 === 0 ? 'russia' : 'ukraine' },
      location: { id: place },
      speaker: { name: `Speaker ${(this.serial += 1)}`, party: 'russia' },
      statedAt: `2025-11-${day}`,
    };
    const written = await this.of(n).send('POST', '/v1/statements', body);
    this.check(written.status === 201, `POST: ${written.status} ${written.text}`);
    if (written.status !== 201) return;
    this.writes += 1;
    const { token, statementId, shard, position } = written.json;
    const mine = this.written.get(place) ?? [];
    mine.push(statementId);
    this.written.set(place, mine);
    const state = await this.of(n + 1).get(`/v1/locations/${place}?after=${token}&wait=20000`);
    this.check(
      state.status === 200 &&
        state.json.token
          .split(',')
          .some((part: string) => part.startsWith(`${shard}:`) && Number(part.split(':')[1]) >= position),
      `GET after ${token}: ${state.status} ${state.text}`,
    );
    const timeline = await this.of(n + 1).get(
      `/v1/locations/${place}/timeline?limit=500&after=${token}&wait=20000`,
    );
    const there = new Set(
      (timeline.json?.items ?? []).map((item: { statementId: string }) => item.statementId),
    );
    this.check(
      timeline.status === 200 && (timeline.json.nextCursor !== null || mine.every((id) => there.has(id))),
      `timeline after ${token}: ${timeline.status}, ${there.size} items, without one of ${mine.length}`,
    );
    const history = await this.of(n).get(`/v1/locations/${place}/history`);
    this.check(
      history.status === 200 && history.json.items.length > 0,
      `history: ${history.status} ${history.text}`,
    );
  }

  /** Every place is in the list, once. */
  private async list(n: number): Promise<void> {
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const page = await this.of(n).get(`/v1/locations?limit=100${cursor}`);
      this.reads += 1;
      this.check(page.status === 200, `list: ${page.status} ${page.text}`);
      if (page.status !== 200) return;
      seen.push(...page.json.items.map(({ id }: { id: string }) => id));
      if (page.json.nextCursor === null) break;
      cursor = `&cursor=${page.json.nextCursor}`;
    }
    this.check(
      ids.every((id) => seen.includes(id)) && new Set(seen).size === seen.length,
      `the list has ${seen.length} places`,
    );
    const newest = await this.of(n).get('/v1/statements?limit=20&party=russia');
    this.check(
      newest.status === 200 && newest.json.items.length === 20,
      `statements: ${newest.status} ${newest.json?.items?.length}`,
    );
  }

  private async look(n: number): Promise<void> {
    const id = ids[(n * 13) % ids.length]!;
    const now = await this.of(n).get(`/v1/locations/${id}`);
    const then = await this.of(n).get(`/v1/locations/${id}?asOf=2024-01-01`);
    this.reads += 2;
    this.check(now.status === 200 && now.json.id === id, `GET: ${now.status} ${now.text}`);
    this.check(
      then.status === 200 && then.json.rulesetVersion !== undefined,
      `GET asOf: ${then.status} ${then.text}`,
    );
    await sleep(2);
  }

  /** Keeps the claims of the live stream. */
  private async follow(): Promise<void> {
    try {
      const { body } = await fetch(`${this.services.at(-1)!.url}/v1/stream`, {
        signal: this.streaming.signal,
      });
      let text = '';
      for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
        text += Buffer.from(chunk).toString();
        const messages = text.split('\n\n');
        text = messages.pop()!;
        for (const message of messages)
          if (/^event: ?claim$/m.test(message))
            this.received.push(
              (JSON.parse(/^data: ?(.*)$/m.exec(message)![1]!) as { statementId: string }).statementId,
            );
      }
    } catch (error) {
      if (!this.streaming.signal.aborted) this.faults.push(`stream: ${String(error)}`);
    }
  }
}

describe('a rebuild under load', () => {
  it('is seen by nobody: three in a row, the last with another ruleset', async () => {
    const traffic = new Traffic([one, other]);
    await sleep(500);
    const first = await rebuilt({});
    const second = await rebuilt({});
    const third = await rebuilt({ ruleset: NEXT });
    await sleep(500);
    await traffic.end();
    expect(traffic.faults).toEqual([]);
    expect(first).toMatchObject({
      state: 'done',
      error: null,
      result: { differing: [], rulesetVersion: ruleset.version },
    });
    expect(second).toMatchObject({
      state: 'done',
      error: null,
      result: { differing: [], rulesetVersion: ruleset.version },
    });
    expect(third).toMatchObject({
      state: 'done',
      error: null,
      result: { differing: null, rulesetVersion: 'next' },
    });
    expect(traffic.writes).toBeGreaterThan(20);
    expect(traffic.reads).toBeGreaterThan(50);
    const written = [...traffic.written.values()].flat();
    expect(new Set(traffic.received).size).toBe(traffic.received.length);
    expect(new Set(traffic.received)).toEqual(new Set(written));

    // Both have switched to the other ruleset, for new events too.
    for (const service of [one, other]) {
      expect((await service.get('/v1/ruleset')).json.version).toBe('next');
      expect((await service.get('/v1/projections')).json.rulesetVersion).toBe('next');
      const { json } = await service.record({
        location: { id: ids[0] },
        speaker: { name: `After ${service.url}` },
      });
      expect((await service.get(`/v1/locations/${ids[0]}?after=${json.token}`)).json.rulesetVersion).toBe(
        'next',
      );
    }
    const pool = createPool(one.databaseUrl, { max: 12 });
    const store = await EventStore.open(pool, { shards: SHARDS });
    const { faults, digests } = await verifyModels(pool, store, { ...ruleset, version: 'next' });
    expect(faults).toEqual([]);
    expect(digests.are).toEqual(digests.should);
    expect(
      (await pool.query(`select nspname from pg_namespace where nspname like 'read_models_%'`)).rows,
    ).toEqual([]);
    await pool.end();
  }, 180_000);

  it('is cancelled without a trace', async () => {
    const random = new Random(5);
    const pool = createPool(one.databaseUrl, { max: 2 });
    const ends: string[] = [];
    for (let n = 0; n < 4; n++) {
      const { replayId } = (await one.send('POST', '/v1/replays', { kind: 'rebuild' })).json;
      await sleep(random.int(20, 900));
      await one.send('DELETE', `/v1/replays/${replayId}`);
      await until(async () => (await one.get(`/v1/replays/${replayId}`)).json.endedAt !== null);
      ends.push((await one.get(`/v1/replays/${replayId}`)).json.state);
      expect(
        (await pool.query(`select nspname from pg_namespace where nspname like 'read_models_%'`)).rows,
      ).toEqual([]);
    }
    expect(ends).toContain('cancelled');
    expect((await one.get(`/v1/locations/${ids[0]}`)).json.rulesetVersion).toBe(
      ends.includes('done') ? ruleset.version : 'next',
    );
    await pool.end();
  }, 90_000);
});
