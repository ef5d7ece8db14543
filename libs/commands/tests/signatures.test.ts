import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { LocationId, RecordedEvent } from '#libs/domain';
import type { EventStore, Receipt } from '#libs/log';
import {
  ChangePlace,
  CorrectStatement,
  EraseQuote,
  recordInBatches,
  RecordStatements,
  RetractStatement,
  SetStatementVoided,
  type CommandExecutor,
} from '#libs/commands';
import { verify } from '#libs/transparency';
import { commandsOn } from '../../../tests/support/commands.js';
import { input, openStore, valueOf } from '../../../tests/support/opened-store.js';

const KEY = 'Worker 7 (k7)';
const OTHER_KEY = 'Desk 2 (k2)';

let log: Awaited<ReturnType<typeof openStore>>;
let store: EventStore;
let commands: CommandExecutor;
beforeAll(async () => {
  log = await openStore();
  ({ store } = log);
  commands = commandsOn(store);
});
afterAll(() => log.close());

const statement = (fields: object = {}) => input({ statementId: randomUUID(), ...fields });
const record = async (fields: object, signature?: string): Promise<Receipt> =>
  valueOf((await commands.execute(new RecordStatements([fields], { signatureOf: () => signature })))[0]);
const recorded = async ({ eventId }: { eventId: string }): Promise<RecordedEvent> =>
  (await store.find(eventId))!;
const attributed = async (receipt: { eventId: string }) => {
  const { by, onBehalfOf } = await recorded(receipt);
  return [by, onBehalfOf];
};
const heads = async () => (await store.heads()).map(({ position }) => position);

describe('a command under a key names the key, and keeps what the client says beside it', () => {
  test('statements, alone and by the line; each by its own sender', async () => {
    const [one, two] = await commands.execute(
      new RecordStatements([statement({ by: 'worker-7' }), statement()], {
        signatureOf: (at) => [KEY, OTHER_KEY][at],
      }),
    );
    expect(await attributed(valueOf(one))).toEqual([KEY, 'worker-7']);
    expect(await attributed(valueOf(two))).toEqual([OTHER_KEY, undefined]);
    expect(await attributed(await record(statement({ by: 'worker-7' })))).toEqual(['worker-7', undefined]);
    async function* lines() {
      yield { line: 1, input: { ok: true as const, value: statement({ by: 'worker-7' }) } };
    }
    for await (const [result] of recordInBatches(commands, lines(), { signature: KEY }))
      expect(await attributed(valueOf(result!.outcome))).toEqual([KEY, 'worker-7']);
  });

  test('a retraction, a void, a reinstatement, a correction', async () => {
    const one = await record(statement());
    const retraction = { speaker: { party: 'russia' }, statedAt: '2025-11-22', by: 'desk' };
    const run = async (command: Parameters<CommandExecutor['execute']>[0]) =>
      valueOf((await commands.execute(command)) as Parameters<typeof valueOf>[0]) as Receipt;
    const id = one.statementId!;
    const desk = { by: 'desk', reason: 'swapped' };
    expect(await attributed(await run(new RetractStatement(id, retraction, { signature: KEY })))).toEqual([
      KEY,
      'desk',
    ]);
    expect(await attributed(await run(new SetStatementVoided(id, true, desk, { signature: KEY })))).toEqual([
      KEY,
      'desk',
    ]);
    expect(await attributed(await run(new SetStatementVoided(id, false, {}, { signature: KEY })))).toEqual([
      KEY,
      undefined,
    ]);
    const wrong = await record(statement());
    const corrected = await run(
      new CorrectStatement(
        wrong.statementId!,
        { ...desk, statement: statement({ stance: 'deny' }) },
        { signature: KEY },
      ),
    );
    expect(await attributed(corrected)).toEqual([KEY, 'desk']);
    expect(await attributed(corrected.voided!)).toEqual([KEY, 'desk']);
  });

  test('a command to the register', async () => {
    const command = {
      kind: 'register' as const,
      id: `p-${randomUUID()}` as LocationId,
      names: [{ name: 'The Mill' }],
      by: 'desk',
      signature: KEY,
    };
    const receipt = valueOf(await commands.execute(new ChangePlace(command)));
    expect(await attributed(receipt)).toEqual([KEY, 'desk']);
    const again = valueOf(await commands.execute(new ChangePlace({ ...command, signature: OTHER_KEY })));
    expect(again).toEqual({ ...receipt, duplicate: true });
  });

  test('a void needs a name only where no key gives one', async () => {
    const { statementId } = await record(statement());
    const reason = { reason: 'swapped' };
    expect(await commands.execute(new SetStatementVoided(statementId!, true, reason))).toMatchObject({
      ok: false,
      refusal: { code: 'command-invalid', errors: [{ pointer: '/by' }] },
    });
    const voided = valueOf(
      await commands.execute(new SetStatementVoided(statementId!, true, reason, { signature: KEY })),
    );
    expect(await recorded(voided)).toMatchObject({ by: KEY, data: reason });
  });
});

describe('what comes again is a repeat, whoever sends it', () => {
  const ways: [first: string | undefined, again: string | undefined][] = [
    [undefined, KEY],
    [KEY, OTHER_KEY],
    [KEY, undefined],
  ];

  test.each(ways)('a statement by %s and by %s', async (first, again) => {
    const said = input({ speaker: { name: `Speaker ${randomUUID()}` }, by: 'worker-7' });
    const original = await record(said, first);
    const before = await heads();
    expect(await record(said, again)).toEqual({ ...original, duplicate: true });
    expect(await record({ ...said, by: 'another worker' }, again)).toEqual({ ...original, duplicate: true });
    expect(await heads()).toEqual(before);
  });

  test('a statement by two keys in one append: the first one has it', async () => {
    const said = input({ speaker: { name: `Speaker ${randomUUID()}` } });
    const answers = await commands.execute(
      new RecordStatements([said, said], { signatureOf: (at) => [KEY, OTHER_KEY][at] }),
    );
    expect(answers.map((one) => valueOf(one).duplicate)).toEqual([false, true]);
    expect(await attributed(valueOf(answers[1]))).toEqual([KEY, undefined]);
  });

  test.each(ways)('a retraction, a void and a correction by %s and by %s', async (first, again) => {
    const desk = { by: 'desk', reason: 'swapped' };
    const retracted = await record(statement());
    const voided = await record(statement());
    const wrong = await record(statement());
    const right = statement({ stance: 'deny', statedAt: '2025-11-19' });
    const retraction = { speaker: { party: 'russia' }, statedAt: '2025-11-22', by: 'desk' };
    const run = async (signature: string | undefined) => [
      valueOf(
        await commands.execute(new RetractStatement(retracted.statementId!, retraction, { signature })),
      ),
      valueOf(await commands.execute(new SetStatementVoided(voided.statementId!, true, desk, { signature }))),
      valueOf(
        await commands.execute(
          new CorrectStatement(wrong.statementId!, { ...desk, statement: right }, { signature }),
        ),
      ),
    ];
    const originals = await run(first);
    const before = await heads();
    expect(await run(again)).toEqual(originals.map((one) => ({ ...one, duplicate: true })));
    expect(await heads()).toEqual(before);
  });
});

describe('an erased quote', () => {
  const quoted = () => record(statement({ source: { outlet: 'example.org', quote: 'It is ours' } }));
  const operations = async () => {
    const { items } = await store.audit({ types: ['operation.performed'] }, { limit: 10 });
    return items;
  };

  test('leaves an event that names who erased it, once', async () => {
    const { statementId } = await quoted();
    const before = await operations();
    for (const duplicate of [false, true]) {
      const erased = new EraseQuote(statementId!, { by: 'court', reason: 'order 7' }, { signature: KEY });
      expect(valueOf(await commands.execute(erased))).toMatchObject({ statementId, duplicate });
    }
    const [event, ...rest] = await operations();
    expect(rest).toEqual(before);
    expect(event).toMatchObject({
      stream: '$operations',
      data: { operation: 'quote.erased', subject: statementId, reason: 'order 7' },
      by: KEY,
      onBehalfOf: 'court',
    });
    const { rows } = await store.pool.query(
      'select quote, erased_by, erase_reason from claimline.quotes where id = $1',
      [statementId],
    );
    expect(rows).toEqual([{ quote: null, erased_by: KEY, erase_reason: 'order 7' }]);
  });

  test('leaves none where nobody is known, as before', async () => {
    const { statementId } = await quoted();
    const before = await heads();
    expect(valueOf(await commands.execute(new EraseQuote(statementId!, { by: 'court' })))).toMatchObject({
      duplicate: false,
    });
    expect(await heads()).toEqual(before);
  });
});

test('the log verifies', async () => {
  expect(await verify(store)).toMatchObject({ faults: [] });
});
