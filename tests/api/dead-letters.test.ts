import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { KeyRing, Keys } from '#libs/access';
import { valueOf } from '../support/opened-store.js';
import { PLAIN, startRunning, type Running } from './running.js';

const TOPIC = 'claimline.statements.v1';
let running: Running;
let pool: pg.Pool;
/** A key that may decide. */
let operator: Record<string, string>;
beforeAll(async () => {
  running = await startRunning();
  pool = new pg.Pool({ connectionString: running.databaseUrl });
  const { app } = running.service;
  const { key } = valueOf(await app.get(Keys).create({ name: 'Desk', roles: ['operate', 'curate'] }));
  await app.get(KeyRing).refresh();
  operator = { authorization: `Bearer ${key}` };
});
/** As the operator. */
const get = (path: string, headers = operator) => running.get(path, headers);
afterAll(async () => {
  await pool?.end();
  await running?.stop();
});
beforeEach(() => pool.query('delete from claimline.dead_letters'));

/** Dead letters as they were collected: the n-th was found on the n-th minute, at offset n. */
async function given(...letters: { code?: string; detail?: string; value?: string | Buffer }[]) {
  for (const [n, { code = 'location-unknown', detail = 'no place', value = '{}' }] of letters.entries())
    await pool.query(
      `insert into claimline.dead_letters (origin_topic, origin_partition, origin_offset, code, detail, key, value, headers, dead_at)
       values ($1, 7, $2::int, $3, $4, null, $5, '{"trace":"one"}', timestamptz '2026-01-01T00:00:00Z' + $2::int * interval '1 minute')`,
      [TOPIC, n, code, detail, typeof value === 'string' ? Buffer.from(value) : value],
    );
}
const idOf = (n: number) => `${TOPIC}:7:${n}`;
const list = async (query = '') => {
  const { status, json } = await get(`/v1/dead-letters?${query}`);
  expect([query, status]).toEqual([query, 200]);
  return json as { items: { id: string; outcome: string | null }[]; nextCursor: string | null };
};
const decide = (n: number, what: 'retry' | 'discard', body?: object, headers = operator) =>
  running.send('POST', `/v1/dead-letters/${encodeURIComponent(idOf(n))}/${what}`, body, headers);
const operations = async () => {
  const { json } = await get('/v1/audit?types=operation.performed');
  return (json.items as { by: string; onBehalfOf?: string; data: object }[])
    .filter(({ data }) => (data as { operation: string }).operation.startsWith('dead-letter.'))
    .map(({ by, onBehalfOf, data }) => ({ by, onBehalfOf, ...data }));
};

it('are listed newest first, page by page, while others come and are decided on', async () => {
  await given({}, {}, {}, {}, {});
  const first = await list('limit=2');
  expect(first.items.map(({ id }) => id)).toEqual([idOf(4), idOf(3)]);
  await pool.query(
    `insert into claimline.dead_letters (origin_topic, origin_partition, origin_offset, code, detail, headers, dead_at)
     values ('other', 0, 0, 'x', 'y', '{}', '2026-02-01')`,
  );
  await pool.query(`update claimline.dead_letters set outcome = 'discarded' where origin_offset = 2`);
  const second = await list(`limit=2&cursor=${first.nextCursor}`);
  expect(second).toMatchObject({ items: [{ id: idOf(1) }, { id: idOf(0) }], nextCursor: null });
  expect((await list('state=discarded')).items).toMatchObject([{ id: idOf(2), outcome: 'discarded' }]);
  expect((await list('state=all')).items).toHaveLength(6);
  const foreign = await get(`/v1/dead-letters?state=all&cursor=${first.nextCursor}`);
  expect(foreign.json).toMatchObject({ status: 422, errors: [{ pointer: '/cursor' }] });
});

it('are found by code and by text, and counted', async () => {
  await given(
    { code: 'statement-invalid', detail: 'statedAt is no time' },
    {},
    { detail: 'No such 100% Place' },
  );
  expect((await list('code=location-unknown')).items.map(({ id }) => id)).toEqual([idOf(2), idOf(1)]);
  expect((await list('text=100%25')).items.map(({ id }) => id)).toEqual([idOf(2)]);
  expect((await list('text=STATEDAT')).items.map(({ id }) => id)).toEqual([idOf(0)]);
  expect((await get('/v1/dead-letters?state=lost')).json).toMatchObject({
    status: 422,
    errors: [{ pointer: '/state' }],
  });
  await pool.query(`update claimline.dead_letters set outcome = 'retried' where origin_offset = 1`);
  expect((await get('/v1/dead-letters/counts')).json).toEqual({
    open: 2,
    retried: 1,
    discarded: 0,
    codes: [
      { code: 'location-unknown', open: 1 },
      { code: 'statement-invalid', open: 1 },
    ],
  });
});

it('are shown whole, also where their bytes are no text', async () => {
  await given({ value: 'a text' }, { value: Buffer.from([0xff, 0xfe]) });
  expect((await get(`/v1/dead-letters/${idOf(0)}`)).json).toMatchObject({
    id: idOf(0),
    topic: TOPIC,
    partition: 7,
    offset: '0',
    deadAt: '2026-01-01T00:00:00.000Z',
    outcome: null,
    key: null,
    headers: [{ name: 'trace', value: { text: 'one', base64: null } }],
    value: { text: 'a text', base64: null },
  });
  expect((await get(`/v1/dead-letters/${idOf(1)}`)).json.value).toEqual({ text: null, base64: '//4=' });
  for (const id of [idOf(9), 'nonsense', '7:0', `${TOPIC}:4294967296:0`])
    expect((await get(`/v1/dead-letters/${id}`)).json).toMatchObject({
      status: 404,
      type: 'urn:claimline:problem:dead-letter-not-found',
    });
});

it('are retried: what is recorded now is marked, with the event, and by whom is in the audit', async () => {
  const value = JSON.stringify({ ...PLAIN, location: { name: 'Retried', country: 'UA' } });
  await given({ value }, { value: '{"stance":"maybe"}' });
  const { status, json } = await decide(0, 'retry', { by: 'Anna', reason: 'the place is registered now' });
  expect([status, json]).toEqual([
    200,
    {
      recorded: true,
      code: null,
      detail: null,
      eventId: expect.any(String),
      locationId: expect.any(String),
      shard: expect.any(Number),
      position: expect.any(Number),
      duplicate: false,
    },
  ]);
  expect((await list('state=retried')).items).toMatchObject([{ id: idOf(0), eventId: json.eventId }]);
  expect(await operations()).toContainEqual({
    by: expect.stringMatching(/^Desk /),
    onBehalfOf: 'Anna',
    operation: 'dead-letter.retried',
    subject: idOf(0),
    detail: `recorded by event ${json.eventId}`,
    reason: 'the place is registered now',
  });

  expect((await decide(1, 'retry')).json).toMatchObject({ recorded: false, code: 'statement-invalid' });
  expect((await list()).items).toMatchObject([{ id: idOf(1), outcome: null }]);
  const corrected = await decide(1, 'retry', {
    value: JSON.stringify({ ...PLAIN, location: { name: 'Mended', country: 'UA' } }),
  });
  expect(corrected.json).toMatchObject({ recorded: true });
  expect((await get(`/v1/events/${corrected.json.eventId}`)).json).toMatchObject({
    by: expect.stringMatching(/^Desk /),
  });
  expect((await decide(1, 'retry')).json).toMatchObject({
    status: 409,
    type: 'urn:claimline:problem:dead-letter-decided',
  });
});

it('are discarded with a reason, and never twice', async () => {
  await given({}, {});
  expect((await decide(0, 'discard')).json).toMatchObject({ status: 422, errors: [{ pointer: '/reason' }] });
  expect((await decide(0, 'discard', { reason: 'a test message' })).json).toMatchObject({
    id: idOf(0),
    outcome: 'discarded',
    decidedAt: expect.any(String),
    decidedBy: expect.stringMatching(/^Desk /),
  });
  expect(await operations()).toContainEqual({
    by: expect.stringMatching(/^Desk /),
    operation: 'dead-letter.discarded',
    subject: idOf(0),
    reason: 'a test message',
  });
  expect((await decide(0, 'discard', { reason: 'again' })).status).toBe(409);
  expect((await decide(0, 'retry')).status).toBe(409);
  expect((await list()).items).toMatchObject([{ id: idOf(1) }]);
});

it('are for operators alone', async () => {
  await given({});
  const { app } = running.service;
  const { key } = valueOf(await app.get(Keys).create({ name: 'Reader', roles: ['read', 'curate'] }));
  await app.get(KeyRing).refresh();
  const reader = { authorization: `Bearer ${key}` };
  for (const answer of [
    await get('/v1/dead-letters', reader),
    await get('/v1/dead-letters/counts', reader),
    await get(`/v1/dead-letters/${idOf(0)}`, reader),
    await decide(0, 'retry', {}, reader),
    await decide(0, 'discard', { reason: 'x' }, reader),
  ])
    expect(answer.json).toMatchObject({ status: 403, type: 'urn:claimline:problem:role-missing' });
});
