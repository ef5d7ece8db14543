import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { get } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { fastify } from 'fastify';
import { OpenStreams, parameters, parseQuery } from '#libs/http';
import { EventStore } from '#libs/log';
import { ProjectionWaiter, Completeness } from '#libs/queries';
import { EventsController, ReadYourWrites } from '#modules/http';
import type { RecordedEvent } from '#libs/domain';
import { createLogger } from '#libs/platform';
import { BEGIN, HOUR_MS, monthOf, SHARDS } from '../support/month.js';
import { type Running, startRunning } from './running.js';

const NDJSON = { accept: 'application/x-ndjson' };

let running: Running;
let month: Awaited<ReturnType<typeof monthOf>>;
let everything: RecordedEvent[];
beforeAll(async () => {
  month = await monthOf(200, 10);
  running = await startRunning({ DATABASE_URL: month.url, SHARDS: String(SHARDS) });
  const { rows } = await running.service.app
    .get(EventStore)
    .pool.query<{ body: string }>('select body from claimline.events order by recorded_at, shard, position');
  const { text } = await running.get('/v1/events', NDJSON);
  everything = eventsOf(text);
  expect(everything.map(({ eventId }) => eventId)).toEqual(
    rows.map(({ body }) => (JSON.parse(body) as { eventId: string }).eventId),
  );
});
afterAll(async () => {
  await running.stop();
  await month.drop();
});

const eventsOf = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RecordedEvent);
const at = (hour: number) => new Date(BEGIN + hour * HOUR_MS).toISOString();
/** An answer may be read at any pace, and left. */
const reading = (path: string) => fetch(`${running.url}${path}`, { headers: NDJSON });

describe('GET /v1/events, a range', () => {
  it('as NDJSON is the log, with the token that its end reaches', async () => {
    const answer = await running.get('/v1/events', NDJSON);
    expect(everything).toHaveLength(month.events);
    expect(answer.headers.get('replay')).toMatch(/^[0-9a-f-]{36}$/);
    const token = answer.headers.get('replay-to');
    expect((await running.get(`/v1/events?after=${token}`, NDJSON)).text).toBe('');
    // The same as a page, to the byte.
    const { items } = (await running.get('/v1/events?limit=500')).json as { items: RecordedEvent[] };
    expect(answer.text.startsWith(items.map((item) => `${JSON.stringify(item)}\n`).join(''))).toBe(true);
  });

  it('by time, token, place and type, in both forms', async () => {
    const from = at(50);
    const to = at(99);
    const within = everything.filter(({ recordedAt }) => recordedAt >= from && recordedAt <= to);
    expect(eventsOf((await running.get(`/v1/events?from=${from}&to=${to}`, NDJSON)).text)).toEqual(within);
    const places = within.filter(
      ({ stream, type }) => ['place-3', 'place-4', 'register'].includes(stream) && type !== 'claim.denied',
    );
    expect(places.length).toBeGreaterThan(5);
    const query = `from=${from}&to=${to}&locations=place-3,place-4,register&types=claim.asserted,location.registered`;
    expect(eventsOf((await running.get(`/v1/events?${query}`, NDJSON)).text)).toEqual(places);
    const paged: RecordedEvent[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { json } = await running.get(`/v1/events?${query}&limit=7${cursor && `&cursor=${cursor}`}`);
      paged.push(...json.items);
      cursor = json.nextCursor;
    }
    expect(paged).toEqual(places);
    const held = everything.filter(
      ({ shard, position }) =>
        (shard === 1 && position > 10 && position <= 20) || (shard === 2 && position <= 5),
    );
    expect(eventsOf((await running.get('/v1/events?from=1:10&to=1:20,2:5', NDJSON)).text)).toEqual(held);
  });

  it('continues after what was read: the positions of the lines are the token', async () => {
    const half = everything.slice(0, 777);
    const token = new Map<number, number>();
    for (const { shard, position } of half) token.set(shard, position);
    const after = [...token].map(([shard, position]) => `${shard}:${position}`).join(',');
    expect(eventsOf((await running.get(`/v1/events?after=${after}&to=${at(150)}`, NDJSON)).text)).toEqual(
      everything.slice(777).filter(({ recordedAt }) => recordedAt <= at(150)),
    );
  });

  it('moves its token to the end of what was looked at, although nothing of it was wanted', async () => {
    const end = (await running.get('/v1/events', NDJSON)).headers.get('replay-to');
    const page = async (query: string) =>
      (await running.get(`/v1/events?${query}`)).json as {
        items: RecordedEvent[];
        nextCursor: string | null;
        token: string;
      };
    const none = await page('types=location.unmerged');
    expect(none).toEqual({ items: [], nextCursor: null, token: end });
    expect((await page(`types=location.unmerged&after=${none.token}`)).token).toBe(end);
    // The end of a range that ends before the log does.
    const to = await page(`types=location.unmerged&to=${at(99)}`);
    expect(to.token).toBe((await running.get(`/v1/events?to=${at(99)}`, NDJSON)).headers.get('replay-to'));
    const after = everything.filter(({ recordedAt }) => recordedAt > at(99));
    expect(eventsOf((await running.get(`/v1/events?after=${to.token}`, NDJSON)).text)).toEqual(after);
    // Of some places: shards that have none of them were not read, and stay where they were.
    const some = await page('locations=place-3&types=location.unmerged');
    expect(end!.split(',')).toEqual(expect.arrayContaining(some.token.split(',')));
    expect(some.token).toMatch(/^\d+:\d+$/);
    // A page in the midst ends with its last event, and nothing is left out after it.
    let token = '';
    const paged: RecordedEvent[] = [];
    for (let next: string | null = ''; next !== null;) {
      const { items, nextCursor, token: reached } = await page(`types=claim.denied&limit=40&after=${token}`);
      paged.push(...items);
      [next, token] = [nextCursor, reached];
    }
    expect(paged).toEqual(everything.filter(({ type }) => type === 'claim.denied'));
    expect(token).toBe(end);
  });

  it('names what is wrong', async () => {
    const wrong: [string, string][] = [
      ['from=yesterday', '/from'],
      ['to=0:999999', '/to'],
      ['from=99:1', '/from'],
      ['after=0:999999', '/after'],
      ['locations=a%20b', '/locations/0'],
      [`locations=${Array.from({ length: 51 }, (_, n) => `p${n}`).join(',')}`, '/locations'],
      ['types=nonsense', '/types/0'],
      ['speed=fast', '/speed'],
      ['speed=60x', '/speed'],
    ];
    for (const [query, pointer] of wrong)
      expect([query, await running.get(`/v1/events?${query}`)]).toMatchObject([
        query,
        { status: 422, json: { type: 'urn:claimline:problem:query-invalid', errors: [{ pointer }] } },
      ]);
  });

  it('at a multiple of real time: an hour in 100 ms', async () => {
    const begun = performance.now();
    const answer = await reading(`/v1/events?from=${at(0)}&to=${at(10)}&speed=36000x`);
    const came: [ms: number, hour: number][] = [];
    let rest = '';
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines)
        came.push([
          performance.now() - begun,
          (Date.parse((JSON.parse(line) as RecordedEvent).recordedAt) - BEGIN) / HOUR_MS,
        ]);
    }
    expect(came).toHaveLength(110);
    for (const [ms, hour] of came) expect(ms).toBeGreaterThanOrEqual(hour * 100);
    expect(came.at(-1)![0]).toBeLessThan(10_000);
  });

  it('ends when the reader leaves, also in the midst of a silence', async () => {
    const { app } = running.service;
    const store = app.get(EventStore);
    const streams = new OpenStreams();
    const controller = new EventsController(
      store,
      new ReadYourWrites(store, app.get(ProjectionWaiter), app.get(Completeness)),
      streams,
      createLogger('silent'),
    );
    const server = fastify();
    server.get('/', (request, reply) =>
      controller.events(parseQuery(parameters.events, request.query), NDJSON.accept, reply),
    );
    const url = await server.listen({ port: 0, host: '127.0.0.1' });
    const request = get(`${url}/?speed=0.001x`);
    await new Promise<void>(
      (resolve) => void request.on('response', (response) => response.once('data', () => resolve())),
    );
    expect(streams).not.toEqual(new OpenStreams());
    request.on('error', () => {}).destroy();
    for (let tries = 0; tries < 100 && !isDeepStrictEqual(streams, new OpenStreams()); tries++)
      await sleep(20);
    expect(streams).toEqual(new OpenStreams());
    await server.close();
  });
});
