import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type pg from 'pg';
import { CountDays, CountFacets, CountOutcomes, GetMap, GetMapChanges, type Page } from '#libs/queries';
import { type Generation } from '#libs/projection';
import { newGeneration, openDatabase } from '../../../tests/support/generations.js';
import { TestLog } from '../../../tests/support/test-log.js';
import { ModelQueries } from '../../../tests/support/model-queries.js';

let pool: pg.Pool;
let close: () => Promise<void>;
let generation: Generation;
beforeAll(async () => {
  ({ pool, close } = await openDatabase());
  ({ generation } = await newGeneration(pool, new TestLog()));
  await fill();
});
afterAll(() => close());

/** 60,000 statements about 20,000 places, straight into the tables. */
async function fill(): Promise<void> {
  await pool.query(`
    insert into read_models.timeline
    select md5(n::text)::uuid, md5(n::text)::uuid, 'place-' || n % 20000, n % 16, n / 16 + 1, '2025-12-01', t, t,
      case when n % 9 = 0 then 'deny' else 'assert' end,
      (array['captured', 'controls', 'fighting', 'lost', 'encircled'])[n % 5 + 1],
      'party:p' || n % 50, 'party:p' || n % 50, 'speaker ' || n % 3000, 'outlet ' || n % 200,
      md5('u' || n)::uuid,
      json_build_object(
        'statementId', md5(n::text)::uuid,
        'statedAt', '2025-01-01T00:00:00.000Z', 'publishedAt', '2025-01-01T00:00:00.000Z',
        'stance', 'assert', 'predicate', 'captured', 'origin', 'x', 'actor', 'russia', 'retractions', array[]::int[], 'marks', array[]::int[]
      )::text,
      '{"claim":{}}', null
    from generate_series(1, 60000) n, lateral (select timestamptz '2022-01-01' + n * interval '17 minutes' as t) x;
    insert into read_models.location (id, root_id, first_recorded_at, register, name, name_order, search, region, lon, lat)
    select 'place-' || n, 'place-' || n, timestamptz '2024-01-01' + n * interval '1 minute', rpad('[]', 400),
      name, name, ' ' || name, 'region ' || n % 400, 20 + n % 200 / 10.0, 40 + n / 200 / 10.0
    from generate_series(0, 19999) n, lateral (select substr(md5(n::text), 1, 12) as name) x;
    insert into read_models.location_state
    select 'place-' || n,
      array['holder:p' || n % 300, 'status:' || case when n % 500 = 0 then 'contested' else 'claimed' end],
      n % 77, null, null, timestamptz '2025-01-01' + n * interval '1 minute', rpad('{}', 1800), '', '',
      case when n % 500 = 0 then 'contested' else 'claimed' end, null, null, '[]', '[]'
    from generate_series(0, 19999) n;
    insert into read_models.state_history
    select 'place-' || n % 20000, t, case when n < 40000 then t + interval '1 year' end,
      case when n % 999 = 0 then 'denied' else 'claimed' end, '', array['p' || n % 50], md5(n::text)::uuid
    from generate_series(1, 60000) n, lateral (
      select timestamptz '2022-01-01' + n / 20000 * interval '1 year' + n % 20000 * interval '20 minutes' as t
    ) x;`);
  // 50,000 quotes of ten words: a common one, one of every hundredth, and rare ones.
  await pool.query(`
    insert into claimline.quotes (id, quote) select md5(n::text)::uuid, 'x' from generate_series(1, 50000) n;
    insert into claimline.quote_words
    select md5(n::text)::uuid, array_to_tsvector(array['army', 'h' || n % 100, 'rare' || n] || w)
    from generate_series(1, 50000) n,
      lateral (select array_agg('w' || (n * k * 17) % 5000) as w from generate_series(1, 7) k) x`);
  await pool.query('insert into read_models.checkpoint select n, 5, null from generate_series(0, 15) n');
  await pool.query('vacuum analyze');
}

/** The tables that a use of the read models reads without an index. */
async function scans(use: (models: ModelQueries) => Promise<unknown>): Promise<string[]> {
  const found: string[] = [];
  const looked = async (
    client: Pick<pg.Pool, 'query'>,
    query: string | pg.QueryConfig,
    values?: unknown[],
  ) => {
    const config =
      typeof query === 'string' ? { text: query, values } : { text: query.text, values: query.values };
    if (/^\s*select/.test(config.text) && !config.text.endsWith('commit')) {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>({
        ...config,
        text: `explain ${config.text}`,
      });
      found.push(
        ...rows
          .map((row) => row['QUERY PLAN'])
          .filter((line) =>
            /Seq Scan on (timeline|location|location_state|state_history|quote_words)\b/.test(line),
          ),
      );
    }
    return client.query(config);
  };
  const watched = {
    query: (query: string | pg.QueryConfig, values?: unknown[]) => looked(pool, query, values),
    connect: async () => {
      const client = await pool.connect();
      return {
        query: (query: string, values?: unknown[]) => looked(client, query, values),
        release: () => client.release(),
      };
    },
  };
  await use(new ModelQueries(watched as unknown as pg.Pool, generation));
  return found;
}

const page = { limit: 50 };
const many = { most: 1000, mostChanges: 1000 };
const uses: Record<string, (models: ModelQueries) => Promise<unknown>> = {
  'a place': (models) => models.place('place-7'),
  'a place in the past': (models) => models.place('place-7', { knownAt: '2025-12-31T00:00:00.000Z' }),
  'places by id': (models) => models.places({}, 'id', page),
  'places by name': (models) => models.places({}, 'name', page),
  'places last changed': (models) => models.places({}, 'changed', page),
  'places most spoken of': (models) => models.places({}, 'statements', page),
  'places of a rare status': (models) => models.places({ status: ['contested'] }, 'changed', page),
  'places of a side': (models) => models.places({ side: 'p7' }, 'name', page),
  'places of a side, by id': (models) => models.places({ side: 'p7', status: ['claimed'] }, 'id', page),
  'places by part of a name': (models) => models.places({ q: 'a7f3' }, 'id', page),
  'places that moved meanwhile': async (models) => {
    const read = async (cursor?: string | null) =>
      (await models.places({ status: ['contested'] }, 'changed', {
        limit: 15,
        cursor: cursor ?? undefined,
      })) as Page<string>;
    const first = await read();
    await pool.query('update read_models.checkpoint set position = position + 1');
    let items = first.items.length;
    for (let { nextCursor } = first; nextCursor !== null;) {
      const next = await read(nextCursor);
      items += next.items.length;
      nextCursor = next.nextCursor;
    }
    // 40 places, and most of them again: without their log, nothing shows when the first of them moved.
    expect(items).toBeGreaterThan(60);
  },
  'places in a box': (models) => models.places({ bbox: [20, 40, 20.3, 40.3] }, 'id', page),
  'places in a box across the antimeridian': (models) =>
    models.places({ bbox: [179, 40, 20.1, 40.3] }, 'id', page),
  'places changed since': (models) => models.places({ changedSince: '2025-01-14T20:00:00.000Z' }, 'id', page),
  'places of a region': (models) => models.places({ region: ['region 7'] }, 'id', page),
  'the map of a region': (models) => models.execute(new GetMap({ region: ['region 7'] }, undefined, many)),
  'the map of a box': (models) => models.execute(new GetMap({ bbox: [20, 40, 20.3, 40.3] }, undefined, many)),
  'the map of a side': (models) => models.execute(new GetMap({ side: 'p7' }, undefined, many)),
  'the cells of a box': (models) =>
    models.execute(new GetMap({ bbox: [20, 40, 20.3, 40.3] }, undefined, { most: 1, zoom: 9 })),
  'the cells of the world': (models) => models.execute(new GetMap({}, undefined, { most: 1, zoom: 5 })),
  'the map of the past of a box': (models) =>
    models.execute(new GetMap({ bbox: [20, 40, 20.3, 40.3] }, { asOf: '2022-09-01T00:00:00.000Z' }, many)),
  'all changes of a time': (models) =>
    models.execute(
      new GetMapChanges({ from: '2022-09-01T00:00:00.000Z', to: '2022-09-02T00:00:00.000Z' }, null, many),
    ),
  'the days of a rare status': (models) => models.execute(new CountDays({ status: ['denied'] }, null, many)),
  'facets of a box': (models) =>
    models.execute(new CountFacets({ bbox: [20, 40, 20.3, 40.3] }, undefined, many)),
  'a timeline': (models) =>
    models.timeline('place-7', { order: 'desc', side: 'p7', from: '2022-01-01T00:00:00.000Z' }, page),
  'a place as of a time': (models) => models.place('place-7', { asOf: '2022-09-01T00:00:00.000Z' }),
  'places as of a time': (models) => models.placesAt({}, { asOf: '2022-09-01T00:00:00.000Z' }, page),
  'places of a rare status as of a time': (models) =>
    models.placesAt({ status: ['denied'] }, { asOf: '2022-09-01T00:00:00.000Z' }, page),
  'places in a box as of a time': (models) =>
    models.placesAt(
      { bbox: [20, 40, 20.3, 40.3], status: ['claimed'] },
      { asOf: '2022-09-01T00:00:00.000Z' },
      page,
    ),
  'places known at a time': (models) => models.placesAt({}, { knownAt: '2025-12-31T00:00:00.000Z' }, page),
  'the few places that were known early': (models) =>
    models.placesAt({ bbox: [20, 40, 20.3, 40.3] }, { knownAt: '2024-01-01T01:00:00.000Z' }, page),
  changes: (models) => models.changes({}, null, page),
  'changes of a time': (models) =>
    models.changes({ from: '2022-09-01T00:00:00.000Z', to: '2022-09-02T00:00:00.000Z' }, null, page),
  'the newest changes': (models) => models.changes({}, null, page, {}, { order: 'newest', statement: true }),
  'what became of a speaker': (models) =>
    models.execute(new CountOutcomes({ of: 'speaker', name: 'speaker 9' })),
  'what became of an outlet in a time': (models) =>
    models.execute(
      new CountOutcomes({
        of: 'outlet',
        name: 'outlet 9',
        from: '2022-03-01T00:00:00.000Z',
        to: '2022-04-01T00:00:00.000Z',
      }),
    ),
  'changes to a rare status': (models) => models.changes({ status: ['denied'] }, null, page),
  'changes in a box': (models) => models.changes({ bbox: [20, 40, 20.3, 40.3] }, null, page),
  'changes as known at a time': (models) => models.changes({}, '2025-12-31T00:00:00.000Z', page),
  'changes as known early': (models) => models.changes({}, '2024-01-01T01:00:00.000Z', page),
  'a comparison': (models) =>
    models.compare(
      'place-7',
      { asOf: '2022-09-01T00:00:00.000Z' },
      { knownAt: '2025-12-31T00:00:00.000Z' },
      page,
    ),
  'a history': (models) => models.history('place-7', {}, page),
  'all statements': (models) => models.statements({}, page),
  'statements as known at a time': (models) =>
    models.statements({ knownAt: '2025-12-31T00:00:00.000Z' }, page),
  'a timeline of a speaker and an outlet': (models) =>
    models.timeline(
      'place-7',
      { order: 'desc', speaker: 'speaker 9', outlet: 'outlet 9', party: 'p7' },
      page,
    ),
  'a timeline as known at a time': (models) =>
    models.timeline('place-7', { knownAt: '2025-12-31T00:00:00.000Z' }, page),
  'statements of a time': (models) =>
    models.statements({ from: '2022-03-01T00:00:00.000Z', to: '2022-03-02T00:00:00.000Z' }, page),
  'statements of a speaker': (models) => models.statements({ speaker: 'speaker 9' }, page),
  'statements of a party': (models) => models.statements({ party: 'p7' }, page),
  'statements of an outlet': (models) => models.statements({ outlet: 'outlet 9', stance: 'deny' }, page),
  'statements of a URL': (models) => models.statements({ url: 'https://example.org/' }, page),
  'statements with a predicate': (models) => models.statements({ predicate: 'encircled' }, page),
  'statements with a predicate that nobody used': (models) =>
    models.statements({ predicate: 'withdrew' }, page),
  'statements that deny': (models) => models.statements({ stance: 'deny' }, page),
  'statements by a rare word': (models) => models.statements({ text: 'rare777' }, page),
  'statements by a word that nobody said': (models) => models.statements({ text: 'unheard' }, page),
  'statements by a common word': (models) => models.statements({ text: 'army' }, page),
  'statements by the beginning of a word': (models) => models.statements({ text: 'h9' }, page),
  'statements by several words': (models) => models.statements({ text: 'army h7 rare' }, page),
  'statements by words and a predicate': (models) =>
    models.statements({ text: 'army rare777', predicate: 'encircled' }, page),
  'statements of a speaker by words': (models) =>
    models.statements({ speaker: 'speaker 9', text: 'army h9' }, page),
  'statements of an outlet by words, of a time': (models) =>
    models.statements({ outlet: 'outlet 9', text: 'army', from: '2022-03-01T00:00:00.000Z' }, page),
  'statements of a speaker by outcome': (models) =>
    models.statements({ speaker: 'speaker 9', outcome: 'superseded', position: 'for' }, page),
  'statements of an outlet by outcome and words': (models) =>
    models.statements({ outlet: 'outlet 9', outcome: 'no-effect', text: 'army' }, page),
  'a statement': (models) => models.statement('c4ca4238-a0b9-2382-0dcc-509a6f75849b'),
};

for (const [name, use] of Object.entries(uses))
  it(`reads ${name} by an index`, async () => {
    expect(await scans(use)).toEqual([]);
  });
