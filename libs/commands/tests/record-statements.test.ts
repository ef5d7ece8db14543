import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  parseRuleset,
  provisionalId,
  quoteDigest,
  shardOf,
  type LocationId,
  type Ruleset,
} from '#libs/domain';
import { EventStore, type AppendReport } from '#libs/log';
import { Batcher } from '#libs/concurrency';
import { Register } from '#libs/places';
import {
  type CommandExecutor,
  RecordStatements,
  ChangePlace,
  RetractStatement,
  SetStatementVoided,
  EraseQuote,
  CorrectStatement,
} from '#libs/commands';
import { verify } from '#libs/transparency';
import { input, logDatabase, openStore, valueOf } from '../../../tests/support/opened-store.js';
import { commandsOn } from '../../../tests/support/commands.js';

let database: Awaited<ReturnType<typeof logDatabase>>;
let store: EventStore;
let commands: CommandExecutor;
const appends: AppendReport[] = [];
beforeAll(async () => {
  database = await logDatabase();
  store = await EventStore.open(database.pool, { shards: 16, onAppend: (report) => appends.push(report) });
  commands = commandsOn(store, ruleset);
});
afterAll(() => database.close());

const ruleset: Ruleset = (() => {
  const parsed = parseRuleset({
    version: '1',
    sides: [
      { id: 'russia', name: 'Russia' },
      { id: 'ukraine', name: 'Ukraine' },
    ],
    parties: [{ id: 'dnr', side: 'russia' }],
  });
  if (!parsed.ok) throw new Error('ruleset');
  return parsed.ruleset;
})();
const DESK = { by: 'desk', reason: 'the speakers are swapped' };
const recordOne = async (fields: object = {}) =>
  valueOf(
    (await commands.execute(new RecordStatements([input({ statementId: randomUUID(), ...fields })])))[0],
  );
const refusal = (code: string, pointer?: string) => ({
  ok: false,
  refusal: { code, ...(pointer && { errors: [{ pointer }] }) },
});
const head = async () => (await store.heads()).reduce((sum, { position }) => sum + position, 0);

test('records statements in order, and answers for each; an invalid one stops no other', async () => {
  const id = randomUUID();
  const answers = await commands.execute(
    new RecordStatements([
      input({ statementId: id }),
      input({ statementId: id }),
      { stance: 'assert' },
      input({ statementId: id, statedAt: '2025-11-21' }),
      input({ location: { id: 'nowhere' } }),
      input({ stance: 'deny' }),
    ]),
  );
  expect(answers).toMatchObject([
    {
      ok: true,
      value: {
        statementId: id,
        type: 'claim.asserted',
        locationId: provisionalId('Volchansk', 'UA'),
        duplicate: false,
      },
    },
    { ok: true, value: { statementId: id, duplicate: true } },
    refusal('statement-invalid'),
    refusal('statement-conflict', '/statementId'),
    refusal('location-unknown', '/location/id'),
    { ok: true, value: { type: 'claim.denied', duplicate: false } },
  ]);
});

test('a repeat is answered with the original, though its place would resolve elsewhere now, or not at all', async () => {
  const name = `Moved ${randomUUID()}`;
  const first = await recordOne({ statementId: undefined, location: { name } });
  valueOf(
    await commands.execute(
      new ChangePlace({ kind: 'register', id: `p-${randomUUID()}` as LocationId, names: [{ name }] }),
    ),
  );
  const [again] = await commands.execute(new RecordStatements([input({ location: { name } })]));
  expect(valueOf(again)).toEqual({ ...first, duplicate: true });
  expect((await recordOne({ location: { name } })).locationId).not.toBe(first.locationId);
});

test('a place that another process has registered meanwhile is found, though the name was resolved before', async () => {
  const name = `Known ${randomUUID()}`;
  const before = await recordOne({ location: { name } });
  const id = `p-${randomUUID()}` as LocationId;
  valueOf(await commandsOn(store).execute(new ChangePlace({ kind: 'register', id, names: [{ name }] })));
  const after = await recordOne({ location: { name } });
  expect([before.locationId, after.locationId]).toEqual([provisionalId(name), id]);
  expect((await recordOne({ location: { name } })).locationId).toBe(id);
});

test('a text that becomes the id of a provisional place is resolved as that from then on', async () => {
  const around = `Around ${randomUUID()}`;
  const location = { name: `Within ${randomUUID()}`, within: provisionalId(around) };
  const resolved = async () => (await recordOne({ location })).locationId;
  const asked = async () => valueOf((await new Register(store).resolve([location]))[0]).id;
  expect(await resolved()).toBe(await asked());
  await recordOne({ location: { name: around } });
  expect(await resolved()).toBe(await asked());
});

test('a statement under the id of a retraction is told which of its own fields is taken', async () => {
  const { statementId } = await recordOne();
  const retractionId = randomUUID();
  const body = { retractionId, speaker: { party: 'russia' }, statedAt: '2025-11-22', by: 'w', reason: 'r' };
  valueOf(await commands.execute(new RetractStatement(statementId!, body)));
  const [answer] = await commands.execute(new RecordStatements([input({ statementId: retractionId })]));
  expect(answer).toMatchObject(refusal('statement-conflict', '/statementId'));
});

test('a dry run says what would come of it and records nothing', async () => {
  const known = await recordOne();
  const id = randomUUID();
  const before = await head();
  const answers = await commands.execute(
    new RecordStatements(
      [
        input({ statementId: id }),
        input({ statementId: id }),
        input({ statementId: id, stance: 'deny' }),
        input({ statementId: known.statementId }),
        input({ statementId: known.statementId, stance: 'deny' }),
        {},
      ],
      { dryRun: true },
    ),
  );
  const locationId = provisionalId('Volchansk', 'UA');
  expect(answers).toMatchObject([
    {
      ok: true,
      value: { statementId: id, locationId, shard: shardOf(locationId, 16), position: 0, duplicate: false },
    },
    { ok: true, value: { duplicate: true } },
    refusal('statement-conflict'),
    { ok: true, value: { ...known, duplicate: true } },
    refusal('statement-conflict'),
    refusal('statement-invalid'),
  ]);
  expect(await head()).toBe(before);
});

test('callers that come together share a few appends', async () => {
  appends.length = 0;
  const receipts = await Promise.all(Array.from({ length: 64 }, () => recordOne()));
  expect(new Set(receipts.map(({ shard, position }) => `${shard}:${position}`)).size).toBe(64);
  expect(appends.reduce((sum, { events }) => sum + events, 0)).toBe(64);
  expect(appends.length).toBeLessThanOrEqual(3);
});

test('more than a batch goes in several, in order', async () => {
  const name = `Long ${randomUUID()}`;
  const receipts = (
    await commands.execute(
      new RecordStatements(
        Array.from({ length: 2500 }, (_, n) =>
          input({
            location: { name },
            statedAt: `2025-01-01T00:00:00.${String(n % 1000).padStart(3, '0')}Z`,
            via: [`${n}`],
          }),
        ),
      ),
    )
  ).map(valueOf);
  const [first] = receipts;
  expect(receipts.map(({ position }) => position)).toEqual(
    Array.from({ length: 2500 }, (_, n) => first!.position + n),
  );
});

test('a piece of work that fails fails those only whose items are in it', async () => {
  let underWay = 0;
  const sizes: number[] = [];
  const batcher = new Batcher<number, number>(
    async (items) => {
      expect((underWay += 1)).toBeLessThanOrEqual(2);
      sizes.push(items.length);
      await new Promise((resolve) => setTimeout(resolve, 5));
      underWay -= 1;
      if (items.includes(-1)) throw new Error('lost');
      return items.map((item) => item * 2);
    },
    { items: 4, atOnce: 2 },
  );
  const [bad, mate, good, large] = await Promise.allSettled([
    batcher.submit([1, -1]),
    batcher.submit([2, 3]),
    batcher.submit([4]),
    batcher.submit([1, 2, 3, 4, 5, 6]),
  ]);
  expect([bad.status, mate.status]).toEqual(['rejected', 'rejected']);
  expect(good).toMatchObject({ value: [8] });
  expect(large).toMatchObject({ value: [2, 4, 6, 8, 10, 12] });
  expect(sizes).toEqual([4, 1, 6]);
  expect(await batcher.submit([])).toEqual([]);
});

test('a side takes back what it said, once, and nobody else does', async () => {
  const { statementId, locationId, shard } = await recordOne();
  const body = { speaker: { party: 'dnr' }, statedAt: '2025-11-22', by: 'worker', reason: 'said so' };
  const retracted = valueOf(await commands.execute(new RetractStatement(statementId!.toUpperCase(), body)));
  expect(retracted).toMatchObject({
    type: 'claim.retracted',
    statementId,
    locationId,
    shard,
    duplicate: false,
  });
  expect(valueOf(await commands.execute(new RetractStatement(statementId!, body)))).toEqual({
    ...retracted,
    duplicate: true,
  });
  expect(
    await commands.execute(new RetractStatement(statementId!, { ...body, speaker: { party: 'ukraine' } })),
  ).toMatchObject(refusal('retraction-foreign', '/speaker'));
  expect(
    await commands.execute(new RetractStatement(statementId!, { ...body, retractionId: statementId })),
  ).toMatchObject(refusal('statement-conflict', '/retractionId'));
  expect(await commands.execute(new RetractStatement(statementId!, {}))).toMatchObject(
    refusal('retraction-invalid'),
  );
  expect(await commands.execute(new RetractStatement(randomUUID(), body))).toMatchObject(
    refusal('statement-not-found'),
  );
  expect(await commands.execute(new RetractStatement('no id', body))).toMatchObject(
    refusal('statement-not-found'),
  );
  const event = await store.find(retracted.eventId);
  expect(event).toMatchObject({ by: 'worker', data: { reason: 'said so' } });
});

test('a void is made once, though several ask for it, and taken back once; of a retraction too', async () => {
  const { statementId, eventId } = await recordOne();
  const receipts = (
    await Promise.all(
      Array.from({ length: 5 }, () =>
        commands.execute(new SetStatementVoided(statementId!, true, { reason: 'inverted', by: 'curator' })),
      ),
    )
  ).map(valueOf);
  const voided = receipts.find(({ duplicate }) => !duplicate)!;
  expect(voided).toMatchObject({ type: 'statement.voided', statementId });
  expect(receipts.filter(({ duplicate }) => duplicate)).toEqual(
    Array.from({ length: 4 }, () => ({ ...voided, duplicate: true })),
  );
  expect(
    valueOf(await commands.execute(new SetStatementVoided(statementId!, false, undefined))),
  ).toMatchObject({ type: 'statement.reinstated', duplicate: false });
  expect(valueOf(await commands.execute(new SetStatementVoided(statementId!, false, {})))).toMatchObject({
    type: 'statement.reinstated',
    duplicate: true,
  });

  const retraction = valueOf(
    await commands.execute(
      new RetractStatement(statementId!, { speaker: { party: 'russia' }, statedAt: '2025-11-22' }),
    ),
  );
  const { retractionId } = (await store.find(retraction.eventId))!.data as { retractionId: string };
  const mark = valueOf(await commands.execute(new SetStatementVoided(retractionId, true, DESK)));
  expect(await store.find(mark.eventId)).toMatchObject({
    type: 'statement.voided',
    statementId,
    data: { retractionId },
  });

  const untouched = await recordOne();
  expect(valueOf(await commands.execute(new SetStatementVoided(untouched.statementId!, false, {})))).toEqual({
    ...untouched,
    duplicate: true,
  });
  expect(await commands.execute(new SetStatementVoided(eventId, true, DESK))).toMatchObject(
    refusal('statement-not-found'),
  );
  expect(
    await commands.execute(new SetStatementVoided(statementId!, true, { reason: 5, by: 'desk' })),
  ).toMatchObject(refusal('command-invalid', '/reason'));
  expect(await commands.execute(new SetStatementVoided(statementId!, true, undefined))).toMatchObject({
    ok: false,
    refusal: { code: 'command-invalid', errors: [{ pointer: '/by' }, { pointer: '/reason' }] },
  });
});

test('a quote is kept beside the event, which holds its digest; it is erased once, for good', async () => {
  const quote = `we said “that”\n\tthen\\this 'so'`;
  const receipt = await recordOne({
    statementId: undefined,
    via: [randomUUID()],
    source: { outlet: 'example.org', quote },
  });
  const id = receipt.statementId!;
  const event = await store.find(receipt.eventId);
  const quotes = async () =>
    (
      await database.pool.query(
        'select salt, quote, erased_at as "erasedAt" from claimline.quotes where id = $1',
        [id],
      )
    ).rows[0] as { salt: string; quote: string };
  const kept = await quotes();
  expect(kept).toMatchObject({ quote, erasedAt: null });
  expect(JSON.stringify(event)).not.toContain('we said');
  expect(event).toMatchObject({ data: { source: { quoteDigest: quoteDigest(kept.salt, quote) } } });
  expect(valueOf(await commands.execute(new EraseQuote(id, { by: 'court', reason: 'order 7' })))).toEqual(
    receipt,
  );
  for (const again of [{}, { by: 'court' }, { by: 'court', reason: 'order 7' }])
    expect(valueOf(await commands.execute(new EraseQuote(id, again)))).toEqual({
      ...receipt,
      duplicate: true,
    });
  expect(await quotes()).toMatchObject({ salt: null, quote: null, erasedAt: expect.any(Date) });
  expect(valueOf(await commands.execute(new EraseQuote((await recordOne()).statementId!, {})))).toMatchObject(
    { duplicate: true },
  );
  expect(await commands.execute(new EraseQuote(randomUUID(), {}))).toMatchObject(
    refusal('statement-not-found'),
  );
  expect((await verify(store)).faults).toEqual([]);
});

test('no command needs a second connection while it holds one', async () => {
  const { store: narrow, close } = await openStore({}, 1);
  const alone = commandsOn(narrow, ruleset);
  const [receipt] = (await alone.execute(new RecordStatements([input(), input()]))).map(valueOf);
  const id = receipt!.statementId!;
  const marks = await Promise.all([
    alone.execute(new SetStatementVoided(id, true, DESK)),
    alone.execute(new SetStatementVoided(id, true, DESK)),
    alone.execute(new SetStatementVoided(id, false, {})),
    alone.execute(new RetractStatement(id, { speaker: { party: 'russia' }, statedAt: '2025-12-01' })),
  ]);
  expect(marks.map(valueOf)).toHaveLength(4);
  const other = valueOf(
    (await alone.execute(new RecordStatements([input({ statedAt: '2025-11-19' })])))[0],
  ).statementId!;
  const correction = { ...DESK, statement: input({ location: { name: 'Elsewhere' } }) };
  expect(
    (
      await Promise.all([
        alone.execute(new CorrectStatement(other, correction)),
        alone.execute(new CorrectStatement(other, correction)),
      ])
    ).map(valueOf),
  ).toMatchObject([{ duplicate: false }, { duplicate: true }]);
  const command = { kind: 'register' as const, id: 'narrow' as LocationId, names: [{ name: 'Narrow' }] };
  expect(
    (
      await Promise.all([alone.execute(new ChangePlace(command)), alone.execute(new ChangePlace(command))])
    ).map(valueOf),
  ).toMatchObject([{ duplicate: false }, { duplicate: true }]);
  await close();
});

test('many inputs that take long to read do not keep others waiting until the last', async () => {
  let [read, readWhenOthersHadTheirTurn] = [0, 0];
  const slow = Array.from({ length: 200 }, () => ({
    get stance() {
      for (const end = performance.now() + 1; performance.now() < end;);
      read++;
      return 'perhaps';
    },
  }));
  setImmediate(() => (readWhenOthersHadTheirTurn = read));
  const outcomes = await commands.execute(new RecordStatements(slow));
  expect(outcomes.map(({ ok }) => ok)).toEqual(Array(200).fill(false));
  expect(readWhenOthersHadTheirTurn).toBeGreaterThan(0);
  expect(readWhenOthersHadTheirTurn).toBeLessThan(read / 2);
});
