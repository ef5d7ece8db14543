import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { parseRuleset, type LocationId, type Ruleset } from '#libs/domain';
import { EventStore, type Receipt } from '#libs/log';
import {
  type CommandExecutor,
  RecordStatements,
  CorrectStatement,
  ChangePlace,
  SetStatementVoided,
  RetractStatement,
} from '#libs/commands';
import { verify } from '#libs/transparency';
import { input, logDatabase, openStore, valueOf } from '../../../tests/support/opened-store.js';
import { commandsOn } from '../../../tests/support/commands.js';

let database: Awaited<ReturnType<typeof logDatabase>>;
let store: EventStore;
let commands: CommandExecutor;
beforeAll(async () => {
  database = await logDatabase();
  store = await EventStore.open(database.pool, { shards: 16 });
  commands = commandsOn(store, ruleset);
});
afterAll(() => database.close());
afterEach(async () => expect((await verify(store)).faults).toEqual([]));

const ruleset: Ruleset = (() => {
  const parsed = parseRuleset({ version: '1', sides: [{ id: 'russia', name: 'Russia' }], parties: [] });
  if (!parsed.ok) throw new Error('ruleset');
  return parsed.ruleset;
})();
const DESK = { by: 'desk', reason: 'it was said of another town' };
const recordOne = async (fields: object = {}) =>
  valueOf(
    (await commands.execute(new RecordStatements([input({ statementId: randomUUID(), ...fields })])))[0],
  );
/** A statement of another place, and so mostly of another shard. */
const right = (fields: object = {}) =>
  input({ statementId: randomUUID(), location: { name: `Town ${randomUUID()}` }, ...fields });
const correct = (id: string, statement: object, more: object = {}) =>
  commands.execute(new CorrectStatement(id, { ...DESK, ...more, statement }));
const refusal = (code: string, pointer: string) => ({ ok: false, refusal: { code, errors: [{ pointer }] } });
const positions = async () => (await store.heads()).map(({ position }) => position);
/** Expects a refusal, and no trace of it in the log. */
const expectRefused = async (outcome: () => Promise<unknown>, code: string, pointer: string) => {
  const before = await positions();
  expect(await outcome()).toMatchObject(refusal(code, pointer));
  expect(await positions()).toEqual(before);
};
const isVoided = async (id: string) =>
  (
    await database.pool.query<{ voided: boolean }>('select voided from claimline.voidings where id = $1', [
      id,
    ])
  ).rows[0]?.voided ?? false;

/** A statement whose correction is in another shard. */
async function inTwoShards(): Promise<{ wrong: Receipt; statement: ReturnType<typeof right> }> {
  const wrong = await recordOne();
  for (;;) {
    const statement = right();
    const [rehearsed] = await commands.execute(new RecordStatements([statement], { dryRun: true }));
    if (valueOf(rehearsed).shard !== wrong.shard) return { wrong, statement };
  }
}

describe('a correction', () => {
  test('voids and records in one append over two shards, and each names the other', async () => {
    const { wrong, statement } = await inTwoShards();
    const receipt = valueOf(await correct(wrong.statementId!, statement));
    expect(receipt).toMatchObject({
      statementId: statement.statementId,
      type: 'claim.asserted',
      corrects: wrong.statementId,
      voided: { shard: wrong.shard, recordedAt: receipt.recordedAt },
      duplicate: false,
    });
    expect(receipt.shard).not.toBe(wrong.shard);
    expect(await store.find(receipt.eventId)).toMatchObject({
      by: 'desk',
      data: { corrects: wrong.statementId },
      schemaVersion: 1,
    });
    expect(await store.find(receipt.voided!.eventId)).toMatchObject({
      type: 'statement.voided',
      by: 'desk',
      statementId: wrong.statementId,
      data: { reason: DESK.reason, replacedBy: statement.statementId },
      schemaVersion: 1,
    });
    expect(await isVoided(wrong.statementId!)).toBe(true);
  });

  test.each([
    ['fails', `raise exception 'a disk is full'`, 'a disk is full'],
    ['loses its connection', 'perform pg_terminate_backend(pg_backend_pid())', /terminat|connection/i],
  ])('that %s in between leaves nothing behind, and can be sent again', async (_how, fault, error) => {
    const { wrong, statement } = await inTwoShards();
    const before = await positions();
    const { pool } = database;
    for (const when of ['statement.voided', 'claim.asserted']) {
      await pool.query(`
        create function claimline.strike() returns trigger language plpgsql as $$ begin ${fault}; return null; end $$;
        create trigger strike after insert on claimline.events
          for each row when (new.type = '${when}') execute function claimline.strike()`);
      await expect(correct(wrong.statementId!, statement)).rejects.toThrow(error);
      await pool.query('drop trigger strike on claimline.events; drop function claimline.strike()');
      expect(await positions()).toEqual(before);
      expect(await store.originals([statement.statementId as string])).toEqual(new Map());
      expect(await isVoided(wrong.statementId!)).toBe(false);
    }
    expect(valueOf(await correct(wrong.statementId!, statement))).toMatchObject({ duplicate: false });
  });

  test('has one time, though the clock goes back: what is known at any moment has both of its events, or neither', async () => {
    let now = '2026-01-01T00:00:10.000Z';
    const { store: clocked, close } = await openStore({ clock: () => now });
    const own = commandsOn(clocked, ruleset);
    for (const [wrongIsAhead, at] of [
      [true, '1'],
      [false, '2'],
    ] as const) {
      now = `2026-01-01T00:00:${at}0.000Z`;
      const [ahead, behind] = [`Ahead ${at}`, `Behind ${at}`].map((name) => input({ location: { name } }));
      const wrong = valueOf((await own.execute(new RecordStatements([wrongIsAhead ? ahead! : behind!])))[0]);
      if (!wrongIsAhead) {
        now = '2026-01-01T00:00:30.000Z';
        valueOf((await own.execute(new RecordStatements([{ ...ahead, statedAt: '2025-11-01' }])))[0]);
      }
      now = '2026-01-01T00:00:05.000Z';
      const receipt = valueOf(
        await own.execute(
          new CorrectStatement(wrong.statementId!, { ...DESK, statement: wrongIsAhead ? behind! : ahead! }),
        ),
      );
      expect(receipt.recordedAt).toBe(receipt.voided!.recordedAt);
      expect(receipt.recordedAt > now).toBe(true);
    }
    expect((await verify(clocked)).faults).toEqual([]);
    await close();
  });

  test('sent again is answered with the original, whatever has become of both since', async () => {
    const wrong = await recordOne();
    const name = `Town ${randomUUID()}`;
    const statement = right({ location: { name } });
    const receipt = valueOf(await correct(wrong.statementId!, statement));
    const again = async () =>
      expect(valueOf(await correct(wrong.statementId!.toUpperCase(), statement))).toEqual({
        ...receipt,
        duplicate: true,
      });
    const before = await positions();
    await again();
    await expectRefused(
      () => correct(wrong.statementId!, statement, { by: 'another desk' }),
      'command-conflict',
      '/by',
    );
    expect(await positions()).toEqual(before);
    valueOf(
      await commands.execute(
        new ChangePlace({ kind: 'register', id: `p-${randomUUID()}` as LocationId, names: [{ name }] }),
      ),
    );
    valueOf(await commands.execute(new SetStatementVoided(wrong.statementId!, false, {})));
    valueOf(await commands.execute(new SetStatementVoided(statement.statementId as string, true, DESK)));
    await again();
    expect(await isVoided(wrong.statementId!)).toBe(false);
    const { corrects: _corrects, voided: _voided, unknownParties: _unknown, ...alone } = receipt;
    expect((await commands.execute(new RecordStatements([statement]))).map(valueOf)).toEqual([
      { ...alone, duplicate: true },
    ]);
  });

  test('is made once, though several ask for it; of several that differ one is', async () => {
    const wrong = await recordOne();
    const statement = right();
    const same = (
      await Promise.all(Array.from({ length: 6 }, () => correct(wrong.statementId!, statement)))
    ).map(valueOf);
    expect(same.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(new Set(same.map(({ eventId, voided }) => `${eventId} ${voided!.eventId}`)).size).toBe(1);

    const other = await recordOne();
    const different = await Promise.all(
      Array.from({ length: 6 }, () => correct(other.statementId!, right())),
    );
    expect(different.filter(({ ok }) => ok)).toHaveLength(1);
    for (const outcome of different.filter(({ ok }) => !ok))
      expect(outcome).toMatchObject(refusal('correction-conflict', '/statementId'));
  });

  test('and the same statement by itself, at once: one of them is recorded, and no void stands without its statement', async () => {
    for (let round = 0; round < 10; round++) {
      const wrong = await recordOne();
      const statement = right();
      const [corrected, [recorded]] = await Promise.all([
        correct(wrong.statementId!, statement),
        commands.execute(new RecordStatements([statement])),
      ]);
      expect(recorded).toMatchObject({ ok: true });
      const { data } = (await store.find(valueOf(recorded).eventId))!;
      if (corrected.ok) expect(data).toMatchObject({ corrects: wrong.statementId });
      else expect(corrected).toMatchObject(refusal('statement-conflict', '/statement'));
      expect(await isVoided(wrong.statementId!)).toBe(corrected.ok);
    }
  });

  test('of what cannot be corrected is refused, and nothing is recorded', async () => {
    const wrong = await recordOne();
    const third = await recordOne();
    const id = wrong.statementId!;
    const content = input({ statementId: id });
    await expectRefused(() => correct(id, content), 'correction-invalid', '/statement');
    await expectRefused(
      () => correct(id, { ...content, stance: 'deny' }),
      'statement-conflict',
      '/statement/statementId',
    );
    await expectRefused(
      () => correct(id, input({ statementId: third.statementId })),
      'statement-conflict',
      '/statement',
    );
    await expectRefused(
      () => correct(id, input({ statementId: third.statementId, stance: 'deny' })),
      'statement-conflict',
      '/statement/statementId',
    );
    await expectRefused(
      () => correct(id, right({ location: { id: 'nowhere' } })),
      'location-unknown',
      '/statement/location/id',
    );
    await expectRefused(
      () => correct(id, right({ stance: 'perhaps' })),
      'correction-invalid',
      '/statement/stance',
    );
    await expectRefused(
      () => commands.execute(new CorrectStatement(id, { by: 'desk', statement: right() })),
      'correction-invalid',
      '/reason',
    );
    await expectRefused(
      () =>
        commands.execute(
          new CorrectStatement(
            id,
            { ...DESK, statement: right({ speaker: { party: 'rusia' } }) },
            { strict: true },
          ),
        ),
      'party-unknown',
      '/statement/speaker/party',
    );
    for (const unknown of [randomUUID(), wrong.eventId, 'no id'])
      expect(await correct(unknown, right())).toMatchObject({
        ok: false,
        refusal: { code: 'statement-not-found' },
      });

    const retraction = valueOf(
      await commands.execute(
        new RetractStatement(id, { speaker: { party: 'russia' }, statedAt: '2025-11-22' }),
      ),
    );
    const { retractionId } = (await store.find(retraction.eventId))!.data as { retractionId: string };
    await expectRefused(() => correct(id, right()), 'correction-conflict', '/statementId');
    await expectRefused(() => correct(retractionId, right()), 'correction-invalid', '/statementId');
    valueOf(await commands.execute(new SetStatementVoided(retractionId, true, DESK)));
    const first = valueOf(await correct(id, right()));
    await expectRefused(() => correct(id, right()), 'correction-conflict', '/statementId');
    await expectRefused(() => correct(first.statementId!, content), 'statement-conflict', '/statement');
    expect(valueOf(await correct(first.statementId!, right()))).toMatchObject({
      corrects: first.statementId,
    });
  });

  test('that only changes the grading has an id of its own', async () => {
    const wrong = await recordOne();
    expect(
      valueOf(
        await correct(
          wrong.statementId!,
          input({ statementId: randomUUID(), grading: { reliability: 'F' } }),
        ),
      ),
    ).toMatchObject({ corrects: wrong.statementId });
  });

  test('of what is voided already stands beside that void', async () => {
    const { statementId } = await recordOne();
    const voided = valueOf(await commands.execute(new SetStatementVoided(statementId!, true, DESK)));
    const receipt = valueOf(await correct(statementId!, right()));
    expect(receipt.voided!.eventId).not.toBe(voided.eventId);
    expect(valueOf(await commands.execute(new SetStatementVoided(statementId!, true, DESK)))).toMatchObject({
      eventId: voided.eventId,
      duplicate: true,
    });
  });

  test('names unknown parties, also when it comes again', async () => {
    const wrong = await recordOne();
    const statement = right({ speaker: { party: 'rusia' } });
    for (const duplicate of [false, true])
      expect(valueOf(await correct(wrong.statementId!, statement))).toMatchObject({
        unknownParties: ['rusia'],
        duplicate,
      });
  });
});

describe('remarks', () => {
  const marksOn = async (id: string) =>
    (
      await database.pool.query<{ count: number }>(
        `select count(*)::int from claimline.events
         where type in ('statement.voided', 'statement.reinstated') and body::json ->> 'statementId' = $1`,
        [id],
      )
    ).rows[0]!.count;

  test('of a void that comes again are recorded once each, however they come together', async () => {
    const { statementId: id } = await recordOne();
    const all = Array.from({ length: 4 }, (_, at) => ({ by: 'desk', reason: `reason ${at}` }));
    const receipts = (
      await Promise.all(
        [...all, ...all, ...all].map((remarks) =>
          commands.execute(new SetStatementVoided(id!, true, remarks)),
        ),
      )
    ).map(valueOf);
    expect(receipts.filter(({ duplicate }) => !duplicate)).toHaveLength(4);
    for (let at = 0; at < 4; at++)
      expect(new Set([0, 4, 8].map((more) => receipts[at + more]!.eventId)).size).toBe(1);
    expect(await marksOn(id!)).toBe(4);
    valueOf(await commands.execute(new SetStatementVoided(id!, false, { by: 'desk' })));
    valueOf(await commands.execute(new SetStatementVoided(id!, false, { by: 'another desk' })));
    expect(valueOf(await commands.execute(new SetStatementVoided(id!, false, { by: 'desk' })))).toMatchObject(
      { duplicate: true },
    );
    expect(await marksOn(id!)).toBe(6);
    expect(valueOf(await commands.execute(new SetStatementVoided(id!, true, all[0])))).toMatchObject({
      duplicate: false,
    });
  });

  test('of a retraction’s void are its own', async () => {
    const { statementId: id } = await recordOne();
    const retraction = valueOf(
      await commands.execute(
        new RetractStatement(id!, { speaker: { party: 'russia' }, statedAt: '2025-11-22' }),
      ),
    );
    const { retractionId } = (await store.find(retraction.eventId))!.data as { retractionId: string };
    for (const target of [id!, retractionId])
      expect(valueOf(await commands.execute(new SetStatementVoided(target, true, DESK)))).toMatchObject({
        duplicate: false,
      });
    for (const target of [id!, retractionId])
      expect(
        valueOf(
          await commands.execute(new SetStatementVoided(target, true, { ...DESK, by: 'another desk' })),
        ),
      ).toMatchObject({ duplicate: false });
    for (const target of [id!, retractionId])
      expect(valueOf(await commands.execute(new SetStatementVoided(target, true, DESK)))).toMatchObject({
        duplicate: true,
      });
  });
});
