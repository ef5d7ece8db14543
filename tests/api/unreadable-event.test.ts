import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formatToken, parseToken, type RecordedEvent } from '#libs/domain';
import { readEvents, ServiceError } from '#libs/client';
import { createPool } from '#libs/platform';
import { type Damage, damage } from '../support/damage.js';
import { type Answer, PLAIN, type Running, startRunning } from './running.js';

const NDJSON = { accept: 'application/x-ndjson' };
const SHARDS = 4;
const DEADLINE_MS = 40_000;

let running: Running;
let whole: RecordedEvent[];
let damaged: Damage;
/** An event with others of its shard after it, whose text is cut off in the middle. */
beforeAll(async () => {
  running = await startRunning({ SHARDS: String(SHARDS) });
  const { json } = await running.send('POST', '/v1/statements', statements());
  await running.get(`/v1/locations?after=${json.token}`);
  whole = (await running.get('/v1/events?limit=500')).json.items;
  const shards = Array.from({ length: SHARDS }, (_, shard) => whole.filter((event) => event.shard === shard));
  const longest = shards.toSorted((a, b) => b.length - a.length)[0]!;
  damaged = await damage(running.databaseUrl, longest[2]!);
});
afterAll(() => running.stop());

const statements = () =>
  Array.from({ length: 40 }, (_, n) => ({
    ...PLAIN,
    location: { name: `Town ${n % 12}` },
    statedAt: `2025-11-${String((n % 28) + 1).padStart(2, '0')}`,
  }));
const before = (events: readonly RecordedEvent[]) =>
  events.filter(({ shard, position }) => shard !== damaged.shard || position < damaged.position);
const named = () => ({
  shard: damaged.shard,
  position: damaged.position,
  eventId: damaged.eventId,
  detail: expect.stringContaining(
    `the event ${damaged.eventId} at position ${damaged.position} of shard ${damaged.shard} cannot be read`,
  ),
});
const positionIn = (token: string, shard: number) => parseToken(token)!.get(shard);

/** A stream of Server-Sent Events from a token on. */
async function openStream(after: string) {
  const gone = new AbortController();
  const answer = await fetch(`${running.url}/v1/stream?after=${after}`, { signal: gone.signal });
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const messages = () =>
    text
      .split('\n\n')
      .slice(0, -1)
      .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/, 2))))
      .filter(({ event }) => event !== undefined)
      .map(({ id, event, data }) => ({ id, event, data: JSON.parse(data) })) as {
      id: string;
      event: string;
      // oxlint-disable-next-line no-explicit-any
      data: any;
    }[];
  return {
    messages,
    claims: (): string[] =>
      messages().flatMap(({ event, data }) => (event === 'claim' ? [data.statementId as string] : [])),
    /** Reads on until it is so. */
    async until(enough: () => boolean): Promise<void> {
      const timer = setTimeout(() => gone.abort(), DEADLINE_MS);
      while (!enough()) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`the stream ended after ${text.slice(-500)}`);
        text += value;
      }
      clearTimeout(timer);
    },
    close: () => gone.abort(),
  };
}

describe('one unreadable event', () => {
  it('ends its shard in a page of the log, which names it; the other shards are complete', async () => {
    const { status, json } = await running.get('/v1/events?limit=500');
    expect(status).toBe(200);
    expect(json.items).toEqual(before(whole));
    expect(json.unreadable).toEqual([named()]);
    expect(json.nextCursor).toBeNull();
    expect(positionIn(json.token, damaged.shard)).toBe(damaged.position - 1);
  });

  it('is named on the last of several pages', async () => {
    const items: RecordedEvent[] = [];
    let last;
    for (let cursor: string | null = ''; cursor !== null; cursor = last.nextCursor as string | null) {
      last = (await running.get(`/v1/events?limit=7${cursor && `&cursor=${cursor}`}`)).json;
      items.push(...last.items);
    }
    expect(items).toEqual(before(whole));
    expect(last.unreadable).toEqual([named()]);
  });

  it('ends its shard in NDJSON, whose last line names it and is no token of a complete answer', async () => {
    for (const headers of [NDJSON, { accept: `${NDJSON.accept}; end=token` }]) {
      const lines = (await running.get('/v1/events', headers)).text.trimEnd().split('\n');
      const last = JSON.parse(lines.pop()!);
      expect(lines.map((line) => JSON.parse(line))).toEqual(before(whole));
      expect(last).toEqual({
        problem: expect.objectContaining({ type: 'urn:claimline:problem:event-unreadable', status: 500 }),
        unreadable: [named()],
        token: expect.any(String),
      });
      expect(positionIn(last.token, damaged.shard)).toBe(damaged.position - 1);
    }
  });

  it('is a problem that names it where it is asked for', async () => {
    const { status, json } = await running.get(`/v1/events/${damaged.eventId}`);
    expect([status, json.type]).toEqual([500, 'urn:claimline:problem:event-unreadable']);
    expect(json.detail).toContain(`position ${damaged.position} of shard ${damaged.shard}`);
  });

  it('is still recognised, where its statement is sent again among others', async () => {
    const { statementId } = whole.find(({ eventId }) => eventId === damaged.eventId)!;
    const { json } = await running.send('POST', '/v1/statements', statements());
    expect(json.results.map(({ duplicate }: { duplicate: boolean }) => duplicate)).toEqual(
      statements().map(() => true),
    );
    expect(json.results).toContainEqual(expect.objectContaining({ statementId, eventId: damaged.eventId }));
  });

  it('does not show in states and timelines, which are projected already', async () => {
    const { status, json } = await running.get('/v1/statements?limit=500');
    expect([status, json.items.length]).toEqual([200, 40]);
  });

  it('holds a live stream that is before it in its shard only, and no other stream', async () => {
    const start = await running.get('/v1/projections');
    const heads = (start.json.items as { shard: number; head: number }[]).map(
      ({ shard, head }) => [shard, head] as const,
    );
    const early = await openStream(formatToken(new Map(heads.map(([shard]) => [shard, 0]))));
    const late = await openStream(formatToken(new Map(heads)));
    await early.until(() => early.messages().some(({ event }) => event === 'problem'));
    const readable = before(whole).flatMap(({ statementId, type }) =>
      type.startsWith('claim.') ? [statementId as string] : [],
    );
    await early.until(() => early.claims().length === readable.length);
    expect(early.claims().toSorted()).toEqual(readable.toSorted());
    const problem = early.messages().find(({ event }) => event === 'problem')!;
    expect(problem.data).toMatchObject({
      type: 'urn:claimline:problem:event-unreadable',
      unreadable: [named()],
    });

    // New statements: one in the shard of the damaged event, one in another.
    const receipts: { statementId: string; shard: number }[] = [];
    for (let n = 0; new Set(receipts.map(({ shard }) => shard === damaged.shard)).size < 2; n++)
      receipts.push((await running.record({ location: { name: `Later ${n}` } })).json);
    const there = receipts.filter(({ shard }) => shard === damaged.shard).map((one) => one.statementId);
    const elsewhere = receipts.filter(({ shard }) => shard !== damaged.shard).map((one) => one.statementId);
    await late.until(() => late.claims().length === receipts.length);
    await early.until(() => elsewhere.every((id) => early.claims().includes(id)));
    expect(early.claims()).not.toContain(there[0]);
    expect(late.messages().filter(({ event }) => event === 'problem')).toEqual([]);

    // A new stream, as the others stand.
    const fresh = await openStream(formatToken(new Map(heads)));
    await fresh.until(() => fresh.claims().length === receipts.length);
    fresh.close();

    // Mended, it goes on by itself: every claim once.
    await damaged.mend();
    const all = [
      ...whole.flatMap(({ statementId, type }) => (type.startsWith('claim.') ? [statementId!] : [])),
      ...receipts.map(({ statementId }) => statementId),
    ] as string[];
    await early.until(() => early.claims().length === all.length);
    expect(early.claims().toSorted()).toEqual(all.toSorted());
    for (const stream of [early, late]) stream.close();
    await damage(running.databaseUrl, damaged);
  }, 120_000);

  it('is what a reader of the client is told of: at the end, or, where it follows, at each attempt', async () => {
    const read: string[] = [];
    const once = async () => {
      for await (const { eventId } of readEvents({ url: running.url, follow: false })) read.push(eventId);
    };
    await expect(once()).rejects.toThrow(ServiceError);
    expect(read).toEqual(expect.arrayContaining(before(whole).map(({ eventId }) => eventId)));

    const told: Error[] = [];
    const following = readEvents({
      url: running.url,
      onRetry: (error) => told.push(error),
      longestRestMs: 200,
    });
    const ids = new Set<string>();
    for await (const { eventId } of following) {
      ids.add(eventId);
      if (ids.size === read.length) break;
    }
    const again = readEvents({
      url: running.url,
      after: following.token,
      longestRestMs: 200,
      onRetry: (error) => (told.push(error), void again.return()),
    });
    for await (const { shard } of again) expect(shard).not.toBe(damaged.shard);
    expect(told[0]!.message).toContain(damaged.eventId);
  }, 60_000);
});

describe('one unreadable event that is not projected yet', () => {
  it('stops its shard, which /readyz names; the others are projected, and the shard goes on when it is mended', async () => {
    const after = (await running.record({ location: { name: 'After it' } })).json;
    await running.service.stop();
    // Read models that are made anew are filled from the first event.
    const pool = createPool(running.databaseUrl, { max: 1 });
    await pool.query('drop schema read_models cascade');
    await pool.end();
    const again = await startRunning({ DATABASE_URL: running.databaseUrl, SHARDS: String(SHARDS) });
    const until = async (isSo: (answer: Answer) => boolean) => {
      for (const end = Date.now() + DEADLINE_MS; ;) {
        const answer = await again.get('/readyz');
        if (isSo(answer)) return;
        if (Date.now() > end) throw new Error(answer.text);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    try {
      const stop = `shard ${damaged.shard} stands still at event ${damaged.eventId} (${damaged.shard}:${damaged.position})`;
      await until(({ status, text }) => status === 503 && text.includes(stop));
      const { json } = await again.get('/v1/projections');
      for (const { shard, head, checkpoint } of json.items as Record<string, number>[])
        expect([shard, checkpoint]).toEqual([shard, shard === damaged.shard ? damaged.position - 1 : head]);
      await damaged.mend();
      await until(({ status }) => status === 200);
      expect((await again.get(`/v1/statements/${after.statementId}`)).status).toBe(200);
    } finally {
      await again.stop();
    }
  }, 120_000);
});
