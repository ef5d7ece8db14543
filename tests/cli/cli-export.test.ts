import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from '#libs/log';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { Random } from '../support/random.js';
import { War } from '../support/war.js';
import { asked } from '../support/duckdb.js';

const MAIN = resolve('dist/apps/cli/src/main.js');

let folder: string;
let databases: TestDatabase[];
beforeAll(async () => {
  folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'cli-export-'));
  databases = await Promise.all([1, 2, 3].map(() => freshDatabase(migrate, 'log')));
});
afterAll(async () => void (await Promise.all(databases.map(({ drop }) => drop()))));

/** The test server loses acknowledged writes on a crash, and every command warns of that. */
const OF_SERVER = /^\{"level":40.*(fsync|synchronous_commit) is off.*\n/gm;

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Runs a command on one of the databases. @param stopWhen sends it SIGINT as soon as this is true of its output */
function claimline(
  args: string[],
  { on = 0, input, stopWhen }: { on?: number; input?: string; stopWhen?: (said: string) => boolean } = {},
): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { PATH: process.env.PATH, DATABASE_URL: databases[on]!.url, LOG_LEVEL: 'warn' },
      cwd: folder,
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    child.stdin.on('error', () => {});
    const watch = setInterval(() => {
      if (!stopWhen?.(out + err)) return;
      clearInterval(watch);
      child.kill('SIGINT');
    }, 2);
    child.on('close', (code) => {
      clearInterval(watch);
      done({ code, out, err: err.replace(OF_SERVER, '') });
    });
    if (input !== undefined) child.stdin.end(input);
  });
}

const modeOf = (file: string) => statSync(join(folder, file)).mode & 0o777;

const example = (name: string) => resolve('examples/foreign-csv', name);

// One story: a foreign file comes in, the store is exported, and restored into another database.
describe('claimline import, export, restore', () => {
  it('imports a foreign CSV by a mapping, and again without doubling; bad rows are named by their lines', async () => {
    const rehearsed = await claimline([
      'import',
      example('reports.csv'),
      '--mapping',
      example('mapping.yaml'),
      '--dry-run',
    ]);
    expect(rehearsed).toMatchObject({
      code: 0,
      out: '16 would be recorded, 0 were there already, 0 refused\n',
    });
    const file = join(folder, 'mixed.csv');
    const [header, ...rows] = readFileSync(example('reports.csv'), 'utf8').trimEnd().split('\n');
    writeFileSync(
      file,
      [
        header,
        ...rows.slice(0, 8),
        '32.11.2025;;"two\nlines";;x;;RUS;Russia took it;;',
        '1.1.2025;;y;;x;;MARS;Russia flew over it;;',
        'short;row',
        ...rows.slice(8),
      ].join('\n'),
    );
    const first = await claimline(['import', file, '--mapping', example('mapping.yaml')]);
    expect(first.code).toBe(1);
    expect(first.out.split('\n')).toEqual([
      expect.stringMatching(
        /^line 10: statement-invalid: 2 fields are wrong \(\/location\/name .*; \/statedAt .*\)$/,
      ),
      expect.stringContaining(
        'line 12: line-malformed: 4 cells cannot be read ' +
          '(/statedAt (column "date") "1.1.2025" is not of the form DD.MM.YYYY; ' +
          '/speaker/party (column "side") "MARS" is none of',
      ),
      'line 13: line-malformed: the row has 2 cells, the header has 10',
      '16 recorded, 0 were there already, 3 refused',
      '',
    ]);
    expect(
      (
        await claimline(['import', '-', '--format', 'csv', '--mapping', example('mapping.yaml')], {
          input: readFileSync(example('reports.csv'), 'utf8'),
        })
      ).out,
    ).toBe('0 recorded, 16 were there already, 0 refused\n');
  }, 60_000);

  it('makes several statements of a row with several links, and says of which rows they are', async () => {
    const mapping = {
      columns: { place: '/location/name', day: '/statedAt', who: '/speaker/party' },
      constants: { '/stance': 'assert', '/claim/predicate': 'captured', '/claim/actor': 'russia' },
      sources: { column: 'links' },
    };
    writeFileSync(join(folder, 'links.json'), JSON.stringify(mapping));
    const rows = [
      'Linked,2025-11-20,russia,https://a.example/1 https://b.example/2',
      'Linked,2025-11-21,russia,https://a.example/3',
      'Linked,2025-11-22,russia,https://a.example/4 (archived) https://b.example/5',
      'Linked,0025-11-22,russia,https://a.example/6',
    ];
    const csv = ['place,day,who,links', ...rows].join('\n');
    const importing = () =>
      claimline(['import', '-', '--format', 'csv', '--mapping', 'links.json'], { input: csv, on: 2 });
    const refused = [
      'line 4 (https://a.example/4 (archived)): statement-invalid: ' +
        '/source/url must be one URL: of several links each makes a statement of its own',
      'line 5: statement-invalid: /statedAt is before the year 1900: is the year complete?',
    ];
    expect(await importing()).toMatchObject({
      code: 1,
      out: [...refused, '4 recorded, 0 were there already, 2 refused, of 4 rows', ''].join('\n'),
    });
    expect(await importing()).toMatchObject({
      code: 1,
      out: [...refused, '0 recorded, 4 were there already, 2 refused, of 4 rows', ''].join('\n'),
    });
    const { out } = await claimline(['import', '-', '--format', 'csv', '--mapping', 'links.json', '--json'], {
      input: csv,
      on: 2,
    });
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toMatchObject([
      { line: 4, link: 'https://a.example/4 (archived)' },
      { line: 5 },
      { recorded: 0, duplicates: 4, refused: 2, rows: 4 },
    ]);
  }, 60_000);

  it('stopped, an import says so and ends; run again it continues', async () => {
    const war = new War(new Random(3), { places: 40, unknown: 40 });
    const file = join(folder, 'war.ndjson');
    writeFileSync(
      file,
      Array.from({ length: 4000 }, (_, at) => `${JSON.stringify(at === 5 ? {} : war.statement())}\n`).join(
        '',
      ),
    );
    const stopped = await claimline(['import', file], { stopWhen: (said) => said.includes('line 6: ') });
    expect(stopped).toMatchObject({
      code: 130,
      out: expect.stringMatching(
        /^line 6: .*\n\d+ recorded, 0 were there already, 1 refused\nnot in the ruleset: .*\n$/s,
      ),
    });
    const recorded = Number(/(\d+) recorded/.exec(stopped.out)![1]);
    expect(recorded).toBeLessThan(3999);
    const { out } = await claimline(['import', file]);
    expect(out).toContain(`${3999 - recorded} recorded, ${recorded} were there already, 1 refused\n`);
  }, 120_000);

  it('exports to standard output and to files, which appear when they are whole', async () => {
    await claimline(['rebuild']);
    const states = await claimline(['export', 'states', '--q', 'kupyansk']);
    expect(states.code).toBe(0);
    expect(
      states.out
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { name: string }).name),
    ).toEqual(expect.arrayContaining(['Kupyansk']));
    const csv = await claimline([
      'export',
      'statements',
      '-f',
      'csv',
      '-o',
      'all.csv',
      '--party',
      'dnr',
      '--stance',
      'assert',
    ]);
    expect(csv).toMatchObject({ code: 0, out: '', err: expect.stringMatching(/^\d+ rows in all\.csv\n$/) });
    expect(readFileSync(join(folder, 'all.csv'), 'utf8')).toMatch(/^"statementId","eventId","stance",.*\r\n/);
    const parts = () => readdirSync(folder).filter((name) => name.includes('cut'));
    const modes: number[] = [];
    const stopped = await claimline(['export', 'timeline', '-o', 'cut.ndjson', '--known-at', '2100-01-01'], {
      stopWhen: () => {
        modes.push(...parts().map((name) => modeOf(name)));
        return modes.length > 0;
      },
    });
    expect(modes[0]).toBe(0o600);
    expect(stopped).toMatchObject({ code: 130, err: expect.stringContaining('cut.ndjson was not written') });
    expect(parts()).toEqual([]);
  }, 120_000);

  it('writes its own file again, for its owner alone, and takes no place of another', async () => {
    writeFileSync(join(folder, 'mine.csv'), 'statementId,eventId,stance\nmy,own,notes\n', { mode: 0o644 });
    const refused = {
      code: 1,
      err: expect.stringMatching(
        /^(export: .*\n)*\S+ is there already, and is not an export of the same kind: --force replaces it\n$/,
      ),
    };
    for (const _ of [1, 2])
      expect(
        await claimline([
          'export',
          'statements',
          '-f',
          'csv',
          '--delimiter',
          ';',
          '--excel',
          '-o',
          'daily.csv',
        ]),
      ).toMatchObject({ code: 0 });
    expect([modeOf('daily.csv'), readFileSync(join(folder, 'daily.csv'), 'utf8').slice(0, 25)]).toEqual([
      0o600,
      '\uFEFF"statementId";"eventId";',
    ]);
    expect(await claimline(['export', 'statements', '-f', 'csv', '-o', 'mine.csv'])).toMatchObject(refused);
    expect([readFileSync(join(folder, 'mine.csv'), 'utf8'), modeOf('mine.csv')]).toEqual([
      'statementId,eventId,stance\nmy,own,notes\n',
      0o644,
    ]);
    expect(await claimline(['export', 'statements', '-f', 'csv', '-o', 'mine.csv', '--force'])).toMatchObject(
      { code: 0 },
    );
    expect(modeOf('mine.csv')).toBe(0o600);
    // Another store's backup may be the only copy of it.
    expect(await claimline(['import', '-'], { on: 1, input: '' })).toMatchObject({ code: 0 });
    expect(await claimline(['export', 'log', '-o', 'backup.ndjson'], { on: 1 })).toMatchObject({ code: 0 });
    expect(modeOf('backup.ndjson')).toBe(0o600);
    expect(await claimline(['export', 'log', '-o', 'backup.ndjson'])).toMatchObject(refused);
  }, 120_000);

  it('what another program has saved comes back as what is there already; so does NDJSON', async () => {
    expect(await claimline(['export', 'statements', '-o', 'again.ndjson'])).toMatchObject({ code: 0 });
    expect((await claimline(['import', 'again.ndjson'])).out).toMatch(
      /^0 recorded, 4015 were there already, 0 refused\n/,
    );
    const saved = `${readFileSync(join(folder, 'mine.csv'), 'utf8').replaceAll(',false,', ',FALSE,')}${','.repeat(61)}\r\n`;
    expect((await claimline(['import', '-', '--format', 'csv'], { input: saved })).out).toMatch(
      /^0 recorded, 4015 were there already, 0 refused\n/,
    );
  }, 120_000);

  it('writes the schema of a file beside it, and Parquet, to a file and to standard output', async () => {
    for (const [what, format, of] of [
      ['states', 'csv', 'fields'],
      ['timeline', 'ndjson', 'properties'],
      ['statements', 'geojson', 'anyOf'],
    ] as const) {
      expect(
        await claimline(['export', what, '-f', format, '-o', `with.${format}`, '--schema', '--json']),
      ).toMatchObject({ code: 0, out: expect.stringMatching(/^\{.*\}\n$/) });
      const schema = JSON.parse(readFileSync(join(folder, `with.${format}.schema.json`), 'utf8')) as Record<
        string,
        unknown
      >;
      expect(Object.keys(schema)).toContain(of);
    }
    writeFileSync(join(folder, 'other.csv.schema.json'), '{"title":"of mine"}');
    expect(await claimline(['export', 'states', '-f', 'csv', '-o', 'other.csv', '--schema'])).toMatchObject({
      code: 1,
      err: 'other.csv.schema.json is there already, and is not an export of the same kind: --force replaces it\n',
    });
    expect([
      existsSync(join(folder, 'other.csv')),
      readFileSync(join(folder, 'other.csv.schema.json'), 'utf8'),
    ]).toEqual([false, '{"title":"of mine"}']);
    for (const force of [['--force'], []])
      expect(
        await claimline(['export', 'states', '-f', 'csv', '-o', 'other.csv', '--schema', ...force]),
      ).toMatchObject({ code: 0 });
    expect(await claimline(['export', 'states', '-f', 'parquet', '-o', 'states.parquet'])).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringMatching(/^\d+ rows in states\.parquet\n$/),
    });
    const counted = await asked(
      `select count(*)::int as rows, count(distinct id)::int as ids from '${join(folder, 'states.parquet')}'`,
    );
    const { out } = await claimline(['export', 'states', '-f', 'csv']);
    expect(counted).toEqual([{ rows: out.split('\r\n').length - 2, ids: out.split('\r\n').length - 2 }]);
    execFileSync('sh', ['-c', '"$0" "$1" export states -f parquet >out.parquet', process.execPath, MAIN], {
      cwd: folder,
      env: { PATH: process.env.PATH, DATABASE_URL: databases[0]!.url },
    });
    expect(readFileSync(join(folder, 'out.parquet'))).toEqual(readFileSync(join(folder, 'states.parquet')));
  }, 120_000);

  it('restores an exported log into an empty database, and no other', async () => {
    expect(await claimline(['export', 'log', '-o', 'log.ndjson'])).toMatchObject({
      code: 0,
      err: expect.stringMatching(/4015 rows in log\.ndjson\n$/),
    });
    const log = readFileSync(join(folder, 'log.ndjson'), 'utf8');
    const changed = await claimline(['restore', '-'], {
      on: 1,
      input: log.replace('"party":"dnr"', '"party":"lnr"'),
    });
    expect(changed).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^line \d+: event \d+:\d+ does not have the digest of its body\n$/),
    });
    expect(await claimline(['status'], { on: 1 })).toMatchObject({
      code: 1,
      err: expect.stringContaining('a restore into this store is not finished'),
    });
    expect(await claimline(['restore', 'log.ndjson'], { on: 1 })).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^store [0-9a-f-]{36} is whole: 4015 events restored, 0 were there already\n$/,
      ),
    });
    expect(await claimline(['verify'], { on: 1 })).toMatchObject({
      code: 0,
      out: expect.stringContaining('all events verified'),
    });
    await claimline(['rebuild'], { on: 1 });
    const [one, two] = await Promise.all([0, 1].map((on) => claimline(['export', 'states'], { on })));
    expect(two!.out).toBe(one!.out);
    const head = (await claimline(['export', 'log'], { on: 1 })).out.split('\n').slice(1);
    expect(head).toEqual(log.split('\n').slice(1));
    expect(await claimline(['restore', 'all.csv'], { on: 1 })).toMatchObject({
      code: 1,
      err: expect.stringContaining('line 1: is not JSON'),
    });
  }, 120_000);

  it('says what is asked wrongly, by exit code 2', async () => {
    writeFileSync(join(folder, 'wrong.json'), '{"columns": {"a": "/nothing"}, "extra": 1}');
    const VALUES: Record<string, string> = {
      url: 'https://example.org/',
      predicate: 'captured',
      stance: 'deny',
    };
    const wrong: [args: string[], code: number, said: RegExp][] = [
      [['export', 'nothing'], 2, /Allowed choices are statements, timeline, states, log/],
      [['export', 'log', '-f', 'csv'], 2, /^the log is exported as ndjson\n$/],
      [['export', 'log', '-f', 'parquet'], 2, /^the log is exported as ndjson\n$/],
      [
        ['export', 'states', '--schema'],
        2,
        /^--schema goes with -o <file>: it is written to <file>\.schema\.json\n$/,
      ],
      [['export', 'states', '-o', '-', '--schema'], 2, /^--schema goes with -o <file>/],
      [
        ['export', 'states', '-f', 'parquet', '-o', 'x', '--schema'],
        2,
        /^--schema goes with ndjson, csv, geojson .*: parquet has its types in the file\n$/,
      ],
      [
        ['export', 'log', '-o', 'x', '--schema'],
        2,
        /^--schema goes with ndjson, csv, geojson of statements, timeline and states\n$/,
      ],
      [['export', 'log', '--side', 'russia'], 2, /^--side does not go with this export\n$/],
      [
        ['export', 'states', '--bbox', '1,2,3', '--as-of', 'soon'],
        2,
        /bbox must be west.*; asOf must be a year/,
      ],
      [['export', 'states', '--excel'], 2, /^--excel goes with --format csv\n$/],
      [['export', 'log', '--delimiter', ';'], 2, /^--delimiter goes with --format csv\n$/],
      [['export', 'states', '-f', 'csv', '--delimiter', '|'], 2, /must be ",", ";" or "tab"/],
      [['export', 'statements', '--location', 'x'], 2, /^--location goes with timeline\n$/],
      [['export', 'timeline', '--location', 'nowhere'], 1, /^there is no place nowhere\n$/],
      // What finds statements finds those of a place, too
      ...['speaker', 'party', 'outlet', 'url', 'text', 'predicate', 'stance'].map(
        (name): [string[], number, RegExp] => [
          ['export', 'timeline', '--location', 'nowhere', `--${name}`, VALUES[name] ?? 'made-up'],
          1,
          /^there is no place nowhere\n$/,
        ],
      ),
      [['import', 'file.xml'], 2, /set it with --format/],
      [
        ['import', example('reports.csv'), '--mapping', 'wrong.json'],
        1,
        /mapping wrong\.json:\n {2}\/columns\/a\/0\/to is not a field.*\n {2}\/extra unknown field\n/,
      ],
    ];
    const ended = await Promise.all(wrong.map(([args]) => claimline(args)));
    expect(ended.map(({ code, err }) => [code, err])).toEqual(
      wrong.map(([, code, said]) => [code, expect.stringMatching(said)]),
    );
  }, 120_000);
});
