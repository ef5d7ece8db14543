import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { EventStore } from '#libs/log';
import { recordInBatches, RecordStatements, CorrectStatement } from '#libs/commands';
import { verify } from '#libs/transparency';
import { csvLines, exportStatements } from '#libs/transfer';
import { all, input, logDatabase, valueOf } from '../../../tests/support/opened-store.js';
import { newGeneration } from '../../../tests/support/generations.js';
import { ruleset } from '../../../tests/support/test-log.js';
import { commandsOn } from '../../../tests/support/commands.js';
import type { ModelQueries } from '../../../tests/support/model-queries.js';

let database: Awaited<ReturnType<typeof logDatabase>>;
let store: EventStore;
let models: ModelQueries;
const [WRONG, RIGHT] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
let before: string;
beforeAll(async () => {
  database = await logDatabase();
  let clock = Date.parse('2026-01-01T00:00:00.000Z');
  store = await EventStore.open(database.pool, {
    shards: 16,
    clock: () => new Date((clock += 1000)).toISOString(),
  });
  const commands = commandsOn(store, ruleset);
  before = valueOf(
    (await commands.execute(new RecordStatements([input({ statementId: WRONG })])))[0],
  ).recordedAt;
  valueOf(
    await commands.execute(
      new CorrectStatement(WRONG, {
        by: 'desk',
        reason: 'another town',
        statement: input({ statementId: RIGHT, location: { name: 'Vovchanski Khutory', country: 'UA' } }),
      }),
    ),
  );
  models = await modelsOf(store);
});
afterAll(() => database.close());

async function modelsOf(of: EventStore): Promise<ModelQueries> {
  const { models: made, projector } = await newGeneration(of.pool, of);
  await projector.handle(await all(of.readAll()));
  return made;
}

async function exported(format: 'csv' | 'ndjson', vantage: { knownAt?: string } = {}): Promise<string> {
  let text = '';
  for await (const piece of exportStatements(models, vantage, { format })) text += piece.text;
  return text;
}

/** The cells of our CSV by column, by statement: no cell here has a comma in it. */
async function cells(vantage?: { knownAt: string }): Promise<Map<string, Record<string, string>>> {
  const [head, ...rows] = (await exported('csv', vantage))
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(',').map((cell) => cell.replace(/^"|"$/g, '')));
  return new Map(
    rows.map((row) => [
      row[head!.indexOf('statementId')]!,
      Object.fromEntries(head!.map((name, at) => [name, row[at]!])),
    ]),
  );
}

it('names the links in columns of CSV and in NDJSON; before the correction there are none', async () => {
  const now = await cells();
  expect(now.get(WRONG)).toMatchObject({
    corrects: '',
    voided: 'true',
    voidReason: 'another town',
    voidReplacedBy: RIGHT,
  });
  expect(now.get(RIGHT)).toMatchObject({ corrects: WRONG, voided: 'false', voidReplacedBy: '' });
  expect((await cells({ knownAt: before })).get(WRONG)).toMatchObject({
    corrects: '',
    voided: 'false',
    voidReplacedBy: '',
  });
  const items = (await exported('ndjson'))
    .trimEnd()
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line) as {
          statementId: string;
          corrects: string | null;
          voided: { replacedBy: string } | null;
        },
    );
  expect(items.find(({ statementId }) => statementId === WRONG)).toMatchObject({
    corrects: null,
    voided: { replacedBy: RIGHT },
  });
  expect(items.find(({ statementId }) => statementId === RIGHT)).toMatchObject({
    corrects: WRONG,
    voided: null,
  });
});

it('is imported without the link: the right statement is recorded, the wrong one refused by its line', async () => {
  const other = await logDatabase();
  const into = await EventStore.open(other.pool, { shards: 16 });
  const text = await exported('csv');
  const outcomes = [];
  for await (const batch of recordInBatches(
    commandsOn(into),
    csvLines(
      (async function* () {
        yield Buffer.from(text);
      })(),
    ),
  ))
    outcomes.push(...batch.map(({ outcome }) => outcome));
  expect(outcomes.filter(({ ok }) => !ok)).toMatchObject([
    { refusal: { detail: expect.stringContaining('voided') } },
  ]);
  expect(await all(into.readAll())).toMatchObject([
    { statementId: RIGHT, data: expect.not.objectContaining({ corrects: expect.anything() }) },
  ]);
  expect((await verify(into)).faults).toEqual([]);
  await other.close();
});
