import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  AUDITED,
  operationEvent,
  type EventId,
  type LocationId,
  type NewEvent,
  type RecordedEvent,
} from '#libs/domain';
import { performOperation, type AuditFilter, type AuditPosition, type EventStore } from '#libs/log';
import { all, claim, openStore } from '../../../tests/support/opened-store.js';
import { Random } from '../../../tests/support/random.js';

const START = Date.parse('2025-11-01T00:00:00.000Z');
const HOUR_MS = 3_600_000;
const STATEMENTS = Array.from({ length: 6 }, () => randomUUID());
const PLACES = ['mill', 'bridge', 'ford'];
const WHO: Pick<NewEvent, 'by' | 'onBehalfOf'>[] = [
  {},
  { by: 'desk' },
  { by: 'Desk 2 (k2)' },
  { by: 'Desk 2 (k2)', onBehalfOf: 'anna' },
  { by: 'Desk 2 (east) (k3)' },
];

let log: Awaited<ReturnType<typeof openStore>>;
let store: EventStore;
let newestFirst: RecordedEvent[];
let now = START;
const at = (hours: number) => new Date(START + hours * HOUR_MS).toISOString();

function command(random: Random): NewEvent {
  const of = { eventId: randomUUID() as EventId, schemaVersion: 1, ...random.pick(WHO) };
  const place = random.pick(PLACES) as LocationId;
  const statementId = random.pick(STATEMENTS);
  const made = random.pick<Pick<NewEvent, 'type' | 'stream' | 'data'> & { statementId?: string }>([
    { type: 'statement.voided', stream: place, statementId, data: { reason: 'twice' } },
    { type: 'statement.voided', stream: place, statementId, data: { replacedBy: STATEMENTS[0] } as never },
    { type: 'statement.reinstated', stream: place, statementId, data: { retractionId: STATEMENTS[1]! } },
    { type: 'location.merged', stream: 'register', data: { locationId: place, into: 'mill' as LocationId } },
    { type: 'location.name-added', stream: 'register', data: { locationId: place, name: 'The Mill' } },
  ]);
  return { ...of, ...made } as NewEvent;
}

beforeAll(async () => {
  log = await openStore({ shards: 5, clock: () => new Date(now).toISOString() });
  ({ store } = log);
  const random = new Random(3);
  for (let hour = 0; hour < 60; hour++) {
    now = START + hour * HOUR_MS;
    await store.append(
      Array.from({ length: random.int(1, 8) }, () =>
        random.chance(0.4) ? claim(random.pick(PLACES)) : { event: command(random) },
      ),
    );
    if (hour % 20 === 0)
      await performOperation(
        store,
        { operation: 'quote.erased', subject: STATEMENTS[2]!, signature: 'Desk 2 (k2)' },
        async () => {},
      );
  }
  newestFirst = (await all(store.readAll()))
    .filter(({ type }) => AUDITED.includes(type))
    .toSorted((a, b) =>
      a.recordedAt === b.recordedAt
        ? b.shard - a.shard || b.position - a.position
        : a.recordedAt < b.recordedAt
          ? 1
          : -1,
    );
});
afterAll(() => log.close());

/** Every page of an audit, and how many there were. */
async function pages(filter: AuditFilter, limit: number): Promise<RecordedEvent[][]> {
  const read: RecordedEvent[][] = [];
  let before: AuditPosition | null = null;
  do {
    const page = await store.audit(filter, { limit, before });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    read.push(page.items);
    before = page.next;
  } while (before);
  return read;
}

const idsOf = (events: readonly RecordedEvent[]) => events.map(({ eventId }) => eventId);

describe('the audit', () => {
  test('is every command, newest first, in pages of any size; statements are none', async () => {
    expect(newestFirst.length).toBeGreaterThan(100);
    for (const limit of [1, 7, 500]) {
      const read = await pages({}, limit);
      expect(idsOf(read.flat())).toEqual(idsOf(newestFirst));
      expect(read).toHaveLength(Math.ceil(newestFirst.length / limit));
    }
  });

  test('gives events as the log has them', async () => {
    const { items } = await store.audit({}, { limit: 3 });
    expect(items).toEqual(newestFirst.slice(0, 3));
  });

  test.each<[string, AuditFilter, (event: RecordedEvent) => boolean]>([
    ['types', { types: ['location.merged', 'statement.reinstated'] }, ({ type }) => /merged|rein/.test(type)],
    [
      'from and to, both included',
      { from: at(10), to: at(20) },
      ({ recordedAt: t }) => t >= at(10) && t <= at(20),
    ],
    ['who, as it is written', { by: 'Desk 2 (k2)' }, ({ by }) => by === 'Desk 2 (k2)'],
    ['who, by the id of the key', { by: 'k2' }, ({ by }) => by === 'Desk 2 (k2)'],
    ['who, by the name of the key', { by: 'Desk 2' }, ({ by }) => by === 'Desk 2 (k2)'],
    ['who, by a name with brackets', { by: 'Desk 2 (east)' }, ({ by }) => by === 'Desk 2 (east) (k3)'],
    ['who, as the client said', { by: 'anna' }, ({ onBehalfOf }) => onBehalfOf === 'anna'],
    ['who, without a key', { by: 'desk' }, ({ by }) => by === 'desk'],
    [
      'a place, also one that others were merged into',
      { location: 'mill' },
      ({ stream, data }) => {
        const { locationId, into } = data as { locationId?: string; into?: string };
        return [stream, locationId, into].includes('mill');
      },
    ],
    [
      'a statement, also as what replaces another one',
      { statement: STATEMENTS[0] },
      ({ statementId, data }) =>
        [statementId, (data as { replacedBy?: string }).replacedBy].includes(STATEMENTS[0]),
    ],
    [
      'a statement whose quote was erased',
      { statement: STATEMENTS[2], types: ['operation.performed'] },
      ({ type }) => type === 'operation.performed',
    ],
    [
      'all of them at once',
      { by: 'k2', location: 'mill', types: ['location.merged'], from: at(5), to: at(50) },
      ({ by, type, recordedAt }) =>
        by === 'Desk 2 (k2)' && type === 'location.merged' && recordedAt >= at(5) && recordedAt <= at(50),
    ],
  ])('by %s', async (_, filter, wanted) => {
    const expected = idsOf(newestFirst.filter(wanted));
    expect(expected.length).toBeGreaterThan(0);
    expect(expected.length).toBeLessThan(newestFirst.length);
    for (const limit of [2, 500]) expect(idsOf((await pages(filter, limit)).flat())).toEqual(expected);
  });
});

test('a page looks at a bounded number of events, and says where to go on', async () => {
  const { store: own, close } = await openStore({ shards: 2 });
  const renamed = (n: number, by: string) => ({
    event: {
      eventId: randomUUID() as EventId,
      type: 'location.name-added' as const,
      schemaVersion: 1,
      stream: 'register',
      data: { locationId: 'mill' as LocationId, name: `Mill ${n}` },
      by,
    },
  });
  await own.append([renamed(0, 'the first')]);
  for (let n = 0; n < 6; n++)
    await own.append(Array.from({ length: 1000 }, (_, m) => renamed(m, 'the others')));
  const first = await own.audit({ by: 'the first' }, { limit: 10 });
  expect(first.items).toEqual([]);
  expect(first.next).not.toBeNull();
  const second = await own.audit({ by: 'the first' }, { limit: 10, before: first.next });
  expect(second).toMatchObject({ items: [{ by: 'the first' }], next: null });
  await close();
});

test('in a log of statements it reads an index, not the log', async () => {
  const { store: own, pool, close } = await openStore({ shards: 2 });
  for (let n = 0; n < 5; n++) await own.append(Array.from({ length: 1000 }, () => claim('mill')));
  await performOperation(
    own,
    { operation: 'key.created', subject: 'k1', signature: 'root (command line)' },
    async () => {},
  );
  await pool.query('analyze claimline.events');
  const client = await pool.connect();
  const queries: { text: string; values: unknown[] }[] = [];
  const watched = {
    query: (query: { text: string; values: unknown[] }) => {
      queries.push(query);
      return client.query(query);
    },
  };
  const { readAudit } = await import('../src/read/audit.js');
  expect((await readAudit(watched as never, { by: 'k1' }, { limit: 5 })).items).toEqual([]);
  const [{ text, values }] = queries as [{ text: string; values: unknown[] }];
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
  client.release();
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('events_audit');
  expect(plan).not.toContain('Seq Scan on events');
  await close();
});

describe('an operation', () => {
  const erase = (signature?: string) => ({ operation: 'quote.erased' as const, subject: 'x', signature });
  const events = async () => (await store.heads()).reduce((sum, { position }) => sum + position, 0);

  test('that fails leaves no event, and what it did is undone', async () => {
    const before = await events();
    await expect(
      performOperation(store, erase('Desk 2 (k2)'), async (db) => {
        await db.query('create table public.half_done ()');
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await events()).toBe(before);
    const { rows } = await store.pool.query(`select to_regclass('public.half_done') as made`);
    expect(rows).toEqual([{ made: null }]);
  });

  test('that changes nothing leaves no event, nor does one by nobody known', async () => {
    const before = await events();
    expect(
      await performOperation(
        store,
        erase('Desk 2 (k2)'),
        async () => 'no',
        () => false,
      ),
    ).toBe('no');
    expect(await performOperation(store, erase(), async () => 'done')).toBe('done');
    expect(await events()).toBe(before);
    await performOperation(store, erase('Desk 2 (k2)'), async () => 'done');
    expect(await events()).toBe(before + 1);
  });

  test('has its own stream', () => {
    expect(operationEvent(erase('k'), 'e' as EventId).stream).toBe('$operations');
  });
});
