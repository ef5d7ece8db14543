import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import type { LocationState } from '#libs/domain';
import { EventStore } from '#libs/log';
import { recordInBatches, RecordStatements } from '#libs/commands';
import { Register } from '#libs/places';
import {
  csvLines,
  ownStatementLines,
  exportLog,
  exportStates,
  exportStatements,
  exportTimelines,
  type Format,
  type TextChunk,
} from '#libs/transfer';
import { writeThrough, writeWhole } from '#libs/platform';
import type { StatementItem } from '#libs/queries';
import { PassThrough } from 'node:stream';
import { all, input, logDatabase, valueOf } from '../../../tests/support/opened-store.js';
import { newGeneration } from '../../../tests/support/generations.js';
import { asked } from '../../../tests/support/duckdb.js';
import { lean } from './lean.js';
import { seededStore } from './seeded-store.js';
import { commandsOn } from '../../../tests/support/commands.js';
import type { ModelQueries } from '../../../tests/support/model-queries.js';

const FORMULA = '=HYPERLINK("http://evil.example","x")';

let told: Awaited<ReturnType<typeof seededStore>>;
let models: ModelQueries;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'export-'));
  told = await seededStore(700);
  const commands = commandsOn(told.store);
  const source = { outlet: '@outlet', quote: 'one\n"two", three', url: 'https://x.example/?a="b"' };
  valueOf(
    (
      await commands.execute(
        new RecordStatements([
          input({
            speaker: { name: FORMULA, role: "-1+1|'cmd'!A1", party: "'quoted" },
            via: ['+A', 'B, C'],
            source,
            statedAt: '2025-12',
            reason: '\u{ff1d}1',
          }),
        ]),
      )
    )[0],
  );
  models = await modelsOf(told.store);
}, 120_000);
afterAll(() => told?.close());

async function modelsOf(store: EventStore): Promise<ModelQueries> {
  const { models: made, projector } = await newGeneration(store.pool, store);
  await projector.handle(await all(store.readAll()));
  return made;
}

async function textOf(pieces: AsyncIterable<TextChunk>): Promise<{ text: string; rows: number }> {
  let [text, rows] = ['', 0];
  for await (const piece of pieces) {
    text += piece.text;
    rows += piece.rows;
  }
  return { text, rows };
}

async function fileOf(name: string, pieces: AsyncIterable<TextChunk>): Promise<string> {
  const file = join(folder, name);
  writeFileSync(file, (await textOf(pieces)).text);
  return file;
}

const jsonLines = <T>(text: string): T[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as T);

/** All pages of the API's lists. */
async function statesAt(
  filter: Parameters<ModelQueries['places']>[0],
  vantage = {},
): Promise<LocationState[]> {
  const page = await (Object.keys(vantage).length > 0
    ? models.placesAt(filter, vantage, { limit: 500 })
    : models.places(filter, 'id', { limit: 500 }));
  if (page === 'cursor-invalid' || page.nextCursor !== null) throw new Error('not one page');
  return page.items.map((item) => JSON.parse(item) as LocationState);
}

describe('an export of states', () => {
  it('has every place once, as the list answers it, with the same filters and at a past moment', async () => {
    const whole = await textOf(exportStates(models, {}, {}, { format: 'ndjson' }));
    expect(jsonLines(whole.text).map(lean)).toEqual((await statesAt({})).map(lean));
    expect(whole.rows).toBe((await statesAt({})).length);
    const filter = { bbox: [31, 46, 36, 51] as const, side: 'russia' };
    const vantage = { asOf: '2024-06-01T00:00:00.000Z', knownAt: '2100-01-01T00:00:00.000Z' };
    const past = jsonLines<LocationState>(
      (await textOf(exportStates(models, filter, vantage, { format: 'ndjson' }))).text,
    );
    expect(past.map(lean)).toEqual((await statesAt(filter, vantage)).map(lean));
    expect(past.length).toBeGreaterThan(0);
    expect((await textOf(exportStates(models, { q: 'no such name' }, {}, { format: 'geojson' }))).text).toBe(
      '{"type":"FeatureCollection","features":[\n\n]}\n',
    );
  });

  it('is read by DuckDB: NDJSON, CSV and GeoJSON say the same', async () => {
    const states = await statesAt({});
    const [ndjson, csv, geojson] = await Promise.all(
      (['ndjson', 'csv', 'geojson'] as Format[]).map((format) =>
        fileOf(`states.${format}`, exportStates(models, {}, {}, { format })),
      ),
    );
    const expected = states.map(({ id, status, coordinates, statements }) => ({
      id,
      status,
      lon: coordinates?.[0] ?? null,
      statements: String(statements),
    }));
    expect(
      await asked(
        `select id, status, coordinates[1]::double as lon, statements::varchar as statements
         from read_json('${ndjson}', format = 'newline_delimited') order by id`,
      ),
    ).toEqual(expected);
    expect(
      await asked(
        `select id, status, lon, statements::varchar as statements from read_csv('${csv}') order by id`,
      ),
    ).toEqual(expected);
    const features = `select unnest(features) as f from read_json('${geojson}', maximum_object_size = 100000000)`;
    expect(
      await asked(
        `select f.id, f.properties.status, f.geometry.coordinates[1]::double as lon,
           f.properties.statements::varchar as statements
         from (${features}) order by f.id`,
      ),
    ).toEqual(expected);
    expect(
      await asked(
        `select holders, standings, flagNames, len(string_split(flags, '; '))::int as sayings from read_csv('${csv}') where id = 'war-1'`,
      ),
    ).toEqual([
      (({ control, flags }) => ({
        holders: control.map(({ holder }) => holder).join('; '),
        standings: control.map(({ standing }) => standing).join('; '),
        flagNames: flags.map(({ flag }) => flag).join('; '),
        sayings: flags.length,
      }))(states.find(({ id }) => id === 'war-1')!),
    ]);
  });
});

describe('an export of statements', () => {
  const items = async () =>
    jsonLines<StatementItem>((await textOf(exportStatements(models, {}, { format: 'ndjson' }))).text);

  it('has every statement once, newest first, over many pages; filters narrow it', async () => {
    const whole = await items();
    expect(whole).toHaveLength(705);
    expect(new Set(whole.map(({ statementId }) => statementId)).size).toBe(705);
    expect(whole.map(({ statedAt }) => statedAt)).toEqual(
      whole
        .map(({ statedAt }) => statedAt)
        .toSorted()
        .toReversed(),
    );
    const filter = { party: 'ukraine', stance: 'deny' as const, from: '2023-01-01T00:00:00.000Z' };
    const some = jsonLines<StatementItem>(
      (await textOf(exportStatements(models, filter, { format: 'ndjson' }))).text,
    );
    expect(some).toEqual(
      whole.filter(
        ({ speaker, stance, statedAt }) =>
          speaker.party === 'ukraine' && stance === 'deny' && statedAt >= filter.from,
      ),
    );
    expect(some.length).toBeGreaterThan(5);
  });

  it('at a past moment has what the timelines of all places have then', async () => {
    const known = (await items()).map(({ recordedAt }) => recordedAt).toSorted()[500]!;
    for (const vantage of [{ asOf: '2024-06-01T00:00:00.000Z' }, { knownAt: known }]) {
      const some = jsonLines<StatementItem>(
        (await textOf(exportStatements(models, vantage, { format: 'ndjson' }))).text,
      );
      const timelines = jsonLines<StatementItem>(
        (await textOf(exportTimelines(models, {}, vantage, { format: 'ndjson' }))).text,
      );
      const byId = (list: StatementItem[]) =>
        list.toSorted((a, b) => (a.statementId < b.statementId ? -1 : 1));
      expect(byId(some)).toEqual(byId(timelines));
      expect(some.length).toBeGreaterThan(5);
      expect(some.length).toBeLessThan(705);
    }
  });

  it('is read by DuckDB, quotes and line breaks included', async () => {
    const whole = await items();
    const csv = await fileOf('statements.csv', exportStatements(models, {}, { format: 'csv', exact: true }));
    const read = await asked(
      `select statementId::varchar as id, stance, quote, via, retracted, extentPercent::double as percent, voided
       from read_csv('${csv}', sample_size = -1) order by 1`,
    );
    const byId = whole.toSorted((a, b) => (a.statementId < b.statementId ? -1 : 1));
    expect(read).toEqual(
      byId.map(({ statementId, stance, source, via, retracted, voided, claim: { extent } }) => ({
        id: statementId,
        stance,
        quote: source?.quote ?? null,
        via: via.join('; ') || null,
        retracted: retracted !== null,
        percent: extent && 'percent' in extent ? extent.percent : null,
        voided: voided !== null,
      })),
    );
    expect(
      await asked(
        `select quote, url, speakerName from read_csv('${csv}', sample_size = -1) where outlet = '@outlet'`,
      ),
    ).toEqual([{ quote: 'one\n"two", three', url: 'https://x.example/?a="b"', speakerName: FORMULA }]);
    const geojson = await fileOf(
      'statements.geojson',
      exportStatements(models, { party: 'ukraine' }, { format: 'geojson' }),
    );
    const places = new Map(
      (await statesAt({})).flatMap(({ id, merged, coordinates }) =>
        [id, ...merged].map((one) => [one, coordinates] as const),
      ),
    );
    const features = await asked(
      `select f.id::varchar as id, f.properties.locationId as place, f.geometry.coordinates as at
       from (select unnest(features) as f from read_json('${geojson}', maximum_object_size = 100000000))`,
    );
    expect(features.length).toBeGreaterThan(50);
    expect(features.map(({ at }) => at)).toEqual(
      features.map(({ place }) => places.get(place as never) ?? null),
    );
  });

  it('gives a spreadsheet nothing to run, unless it is told to be exact', async () => {
    const csv = await fileOf('harmless.csv', exportStatements(models, {}, { format: 'csv' }));
    const cells = await asked(`select * from read_csv('${csv}', sample_size = -1, all_varchar = true)`);
    for (const row of cells)
      for (const [name, cell] of Object.entries(row))
        if (typeof cell === 'string' && !['extentOp', 'extentPercent', 'givenLon', 'givenLat'].includes(name))
          expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    expect(cells.find(({ quote }) => quote === 'one\n"two", three')).toMatchObject({
      speakerName: `'${FORMULA}`,
      speakerRole: "'-1+1|'cmd'!A1",
      speakerParty: "''quoted",
      via: "'+A; B, C",
      outlet: "'@outlet",
      reason: "'\u{ff1d}1",
    });
  });

  for (const style of [{}, { exact: true, delimiter: ';', excel: true }])
    it(`as CSV (${JSON.stringify(style)}) is imported again as it was, but for what was retracted or voided`, async () => {
      const whole = await items();
      expect(whole.some(({ location, place }) => location.id !== undefined && location.id !== place.id)).toBe(
        true,
      );
      expect(whole.filter(({ speaker: { givenParty } }) => givenParty !== undefined).length).toBeGreaterThan(
        100,
      );
      const { text } = await textOf(exportStatements(models, {}, { format: 'csv', ...style }));
      const counting = whole.filter(({ retracted, voided }) => !retracted && !voided);
      const refused = whole
        .flatMap(({ retracted, voided }) =>
          retracted ? ['the statement was retracted'] : voided ? ['the statement was voided, and'] : [],
        )
        .map((one) => one.slice(0, 26));
      expect(refused.length).toBeGreaterThan(20);

      // All are known where they come from, except the one whose quote was erased.
      const here = await imported(told.store, text);
      expect(here.refused.filter((one) => !one.endsWith('with other content'))).toEqual(refused);
      expect(here.refused.length).toBe(refused.length + 1);
      expect([here.recorded, here.duplicates]).toEqual([0, counting.length - 1]);

      const other = await logDatabase();
      const store = await EventStore.open(other.pool, { shards: 16 });
      await new Register(store).reconcile(
        [...new Set(whole.flatMap(({ location }) => location.id ?? []))].map((id) => ({
          id,
          names: [{ name: `Place ${id}` }],
        })),
      );
      expect(await imported(store, text)).toEqual({ recorded: counting.length, duplicates: 0, refused });
      const ofStore = { locationId: '', place: null, recordedAt: '', shard: 0, position: 0 };
      const again = jsonLines<StatementItem>(
        (await textOf(exportStatements(await modelsOf(store), {}, { format: 'ndjson' }))).text,
      );
      const asSaid = ({ source, ...item }: StatementItem) => ({
        ...item,
        ...ofStore,
        source: source && { ...source, quoteErased: undefined },
      });
      expect(again.map(asSaid).map(lean)).toEqual(counting.map(asSaid).map(lean));
      await other.close();
    }, 60_000);

  it('as NDJSON is known again where it comes from', async () => {
    const { text } = await textOf(exportStatements(models, {}, { format: 'ndjson' }));
    const { recorded, duplicates, refused } = await imported(told.store, text, ownStatementLines);
    const whole = await items();
    const marked = whole.filter(({ retracted, voided }) => retracted || voided);
    expect([
      recorded,
      duplicates,
      refused.filter((one) => one.startsWith('the statement was')).length,
      refused.length,
    ]).toEqual([0, 704 - marked.length, marked.length, marked.length + 1]);
  }, 60_000);
});

async function imported(
  store: EventStore,
  text: string,
  items: typeof csvLines | typeof ownStatementLines = csvLines,
) {
  async function* chunks() {
    yield Buffer.from(text);
  }
  const found = { recorded: 0, duplicates: 0, refused: [] as string[] };
  for await (const batch of recordInBatches(commandsOn(store), items(chunks())))
    for (const { outcome } of batch)
      if (outcome.ok) found[outcome.value.duplicate ? 'duplicates' : 'recorded']++;
      else
        found.refused.push(
          outcome.refusal.code === 'line-malformed'
            ? outcome.refusal.detail.slice(0, 26)
            : outcome.refusal.detail,
        );
  return found;
}

describe('an export of timelines', () => {
  it('of one place is its timeline, at a past moment too', async () => {
    const vantage = { asOf: '2024-06-01T00:00:00.000Z', knownAt: null };
    const page = await models.timeline('war-1', vantage, { limit: 500 });
    const { text } = await textOf(exportTimelines(models, { id: 'war-1' }, vantage, { format: 'ndjson' }));
    expect(jsonLines(text).map(lean)).toEqual((page as { items: StatementItem[] }).items.map(lean));
    await expect(textOf(exportTimelines(models, { id: 'nowhere' }, {}, { format: 'csv' }))).rejects.toThrow(
      'there is no place nowhere',
    );
  });

  it('of all places has every statement once, at the place that it is about by now', async () => {
    const whole = jsonLines<StatementItem>(
      (await textOf(exportTimelines(models, {}, {}, { format: 'ndjson' }))).text,
    );
    const statements = jsonLines<StatementItem>(
      (await textOf(exportStatements(models, {}, { format: 'ndjson' }))).text,
    );
    const ids = (items: StatementItem[]) => items.map(({ statementId }) => statementId).toSorted();
    expect(ids(whole)).toEqual(ids(statements));
    const known = { knownAt: statements.map(({ recordedAt }) => recordedAt).toSorted()[350]! };
    const past = jsonLines<StatementItem>(
      (await textOf(exportTimelines(models, {}, known, { format: 'ndjson' }))).text,
    );
    expect(ids(past)).toEqual(ids(statements.filter(({ recordedAt }) => recordedAt <= known.knownAt)));
    const features = JSON.parse(
      (await textOf(exportTimelines(models, { q: 'zzz' }, {}, { format: 'geojson' }))).text,
    ) as { features: object[] };
    expect(features.features).toEqual([]);
  });
});

describe('an export of the log', () => {
  it('is read by DuckDB', async () => {
    const { pieces, total } = await exportLog(told.store);
    const file = await fileOf('log.ndjson', pieces);
    const read = await asked(
      `select count(*)::int as events, count(distinct event.eventId)::int as ids from read_json(
         '${file}', format = 'newline_delimited', maximum_object_size = 10000000, sample_size = -1
       ) where event is not null`,
    );
    expect(read).toEqual([{ events: total, ids: total }]);
  });
});

test('the columns of CSV are those that docs/export-and-import.md lists, in that order', async () => {
  const doc = readFileSync('docs/export-and-import.md', 'utf8');
  const listed = (of: RegExp) => [...of.exec(doc)![1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  const header = async (pieces: AsyncIterable<TextChunk>) =>
    (await textOf(pieces)).text.split('\r\n')[0]!.replaceAll('"', '').split(',');
  expect(listed(/Columns of `statements` and `timeline`: ([^]*?)\n\n/)).toEqual(
    await header(exportStatements(models, { party: 'nobody' }, { format: 'csv' })),
  );
  expect(listed(/Columns of `states`: ([^]*?)\n\n/)).toEqual(
    await header(exportStates(models, { q: 'zzz' }, {}, { format: 'csv' })),
  );
});

describe('a file', () => {
  async function* pieces(fail?: Error) {
    yield 'first\n';
    if (fail) throw fail;
    yield 'last\n';
  }

  it('is there when it is whole; before, what was there stays', async () => {
    const file = join(folder, 'whole.txt');
    await writeWhole(file, pieces());
    expect(readdirSync(folder).filter((name) => name.includes('whole.txt'))).toEqual(['whole.txt']);
    await expect(writeWhole(file, pieces(new Error('stopped')))).rejects.toThrow('stopped');
    expect(readdirSync(folder).filter((name) => name.includes('whole.txt'))).toEqual(['whole.txt']);
    expect(await asked(`select content from read_text('${file}')`)).toEqual([{ content: 'first\nlast\n' }]);
  });

  it('may be a link, which stays one, or no file at all, which is written through', async () => {
    const [file, link, pipe] = ['target.txt', 'link.txt', 'pipe'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(file, 'old');
    symlinkSync(file, link);
    await writeWhole(link, pieces());
    expect([lstatSync(link).isSymbolicLink(), readFileSync(file, 'utf8')]).toEqual([true, 'first\nlast\n']);
    execFileSync('mkfifo', [pipe]);
    const read = readFile(pipe, 'utf8');
    await writeWhole(pipe, pieces());
    expect([await read, lstatSync(pipe).isFIFO()]).toEqual(['first\nlast\n', true]);
  });

  it('that nobody reads ends when it is told to', async () => {
    const unread = new PassThrough({ highWaterMark: 1 });
    await expect(writeThrough(unread, pieces(), AbortSignal.timeout(20))).rejects.toThrow('timeout');
  });

  it('that nobody reads to the end is no error', async () => {
    const gone = new PassThrough({ highWaterMark: 1 });
    setTimeout(() => gone.destroy(), 20);
    expect(await writeThrough(gone, pieces())).toBe(false);
    const read = new PassThrough();
    expect(await writeThrough(read, pieces())).toBe(true);
    expect(String(read.read())).toBe('first\nlast\n');
  });
});
