import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { canonicalJson, contentDigestOf, sha256, type ClaimData, type LocationId } from '#libs/domain';
import { EventStore, linkOf, readEpochs, RulesetStore, type Receipt } from '#libs/log';
import { CorrectStatement, RecordStatements } from '#libs/commands';
import { verify } from '#libs/transparency';
import { exportLog, restoreLog, type SourceLine } from '#libs/transfer';
import {
  all,
  claim,
  input,
  logDatabase,
  NOW,
  openStore,
  valueOf,
} from '../../../tests/support/opened-store.js';
import { newGeneration } from '../../../tests/support/generations.js';
import { ruleset } from '../../../tests/support/test-log.js';
import { logTables, seededStore } from './seeded-store.js';
import { commandsOn } from '../../../tests/support/commands.js';

let original: Awaited<ReturnType<typeof seededStore>>;
let lines: string[];
let corrected: Receipt;
const databases: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  original = await seededStore();
  corrected = valueOf(await correct(original.store));
  databases.push(original);
  lines = await exported(original.store);
}, 60_000);
afterAll(async () => void (await Promise.all(databases.map((database) => database.close()))));

/** A correction that is complete in the archive: sent again, it is a repeat in a restored store too. */
const correct = (store: EventStore) =>
  commandsOn(store, ruleset).execute(
    new CorrectStatement('11111111-1111-4111-8111-111111111111', {
      by: 'curator',
      reason: 'another town',
      statement: input({
        location: { name: 'Elsewhere' },
        source: { outlet: 'a.example', quote: 'We hold it' },
      }),
    }),
  );

async function exported(store: EventStore): Promise<string[]> {
  const { pieces } = await exportLog(store);
  let text = '';
  for await (const piece of pieces) text += piece.text;
  expect(text.endsWith('}\n')).toBe(true);
  return text.trimEnd().split('\n');
}

async function emptyDatabase() {
  const database = await logDatabase();
  databases.push(database);
  return database;
}

async function* asLines(texts: readonly string[]): AsyncGenerator<SourceLine> {
  for (const [at, text] of texts.entries()) yield { number: at + 1, bytes: Buffer.from(text) };
}

const restored = async (pool: EventStore['pool'], texts: readonly string[] = lines) =>
  restoreLog(pool, asLines(texts));
const open = (pool: EventStore['pool'], shards = 16) => EventStore.open(pool, { shards });

describe('an export of the log', () => {
  it('has a header, the rulesets and every event, with the text that was digested', async () => {
    const header = JSON.parse(lines[0]!) as { storeId: string; heads: { position: number }[] };
    expect(header.storeId).toBe(original.store.id);
    const total = header.heads.reduce((sum, { position }) => sum + position, 0);
    expect(lines).toHaveLength(total + 2);
    for (const line of lines.slice(2)) {
      const { event, digest } = JSON.parse(line) as { event: object; digest: string };
      expect(line).toContain(`"event":${canonicalJson(event)}}`);
      expect(sha256(canonicalJson(event)).toString('hex')).toBe(digest);
    }
    const times = lines.slice(2).map((line) => (JSON.parse(line) as { recordedAt: string }).recordedAt);
    expect(times).toEqual(times.toSorted());
    expect(lines.filter((line) => line.includes('to be erased'))).toEqual([]);
  });
});

describe('a restore', () => {
  it('recreates the store, table for table, and what is recorded then continues from there', async () => {
    const { pool } = await emptyDatabase();
    expect(await restored(pool)).toEqual({
      storeId: original.store.id,
      restored: lines.length - 2,
      already: 0,
    });
    expect(await logTables(pool)).toEqual(await logTables(original.pool));
    expect(await new RulesetStore(pool).findInForce()).toBeUndefined();
    const store = await open(pool);
    expect(store.id).toBe(original.store.id);
    expect(await verify(store)).toEqual({ events: lines.length - 2, faults: [] });
    expect((await exported(store)).slice(1)).toEqual(lines.slice(1));

    expect(valueOf(await correct(store))).toEqual({ ...corrected, duplicate: true });
    const commands = commandsOn(store, ruleset);
    const again = {
      statementId: '11111111-1111-4111-8111-111111111111',
      stance: 'assert',
      claim: { predicate: 'controls', actor: 'russia' },
      location: { name: 'Volchansk', country: 'UA' },
      speaker: { name: 'Valery Gerasimov', party: 'russia' },
      statedAt: '2025-11-20',
      source: { outlet: 'a.example', quote: 'We hold\nall of “it” \u2028 here' },
    };
    expect(valueOf((await commands.execute(new RecordStatements([again])))[0])).toMatchObject({
      duplicate: true,
    });
    expect(await commands.execute(new RecordStatements([{ ...again, stance: 'deny' }]))).toMatchObject([
      { refusal: { code: 'statement-conflict' } },
    ]);
    expect(
      valueOf(
        (
          await commands.execute(
            new RecordStatements([
              {
                ...again,
                statementId: undefined,
                statedAt: '2025-12-01',
                location: { id: 'war-1' as LocationId },
              },
            ]),
          )
        )[0],
      ),
    ).toMatchObject({ duplicate: false });
    expect((await verify(store)).faults).toEqual([]);
  }, 60_000);

  it('begins an epoch, for the store may have had more; those that there were are in the export', async () => {
    const { pool } = await emptyDatabase();
    await restored(pool);
    const { all: first } = await readEpochs(pool);
    expect(first).toMatchObject([{ reason: 'the log was restored from an export', confirmedAt: null }]);
    const store = await open(pool);
    expect(first[0]!.forks).toEqual(
      new Map((await store.heads()).map(({ shard, position }) => [shard, position])),
    );
    const next = await emptyDatabase();
    await restored(next.pool, await exported(store));
    const { all: both } = await readEpochs(next.pool);
    expect(both).toHaveLength(2);
    expect(both[0]).toEqual(first[0]);
    expect(both[1]!.epoch).toBeGreaterThan(first[0]!.epoch);
  }, 60_000);

  it('brings back what was recorded when more was taken than now, and it is read as it was', async () => {
    const database = await openStore();
    databases.push(database);
    const { event, id } = claim('somewhere');
    const data = {
      ...(event.data as ClaimData),
      statedAt: '0025-11-20T00:00:00.000Z',
      publishedAt: '0025-11-21T00:00:00.000Z',
      occurredAt: { from: '0025-11-19T00:00:00.000Z', precision: 'day' as const },
      source: { url: 'https://a.example/1; https://b.example/2' },
    };
    const old = { ...event, data } as typeof event;
    valueOf(
      (await database.store.append([{ event: old, id: { id: id.id, digest: contentDigestOf(old) } }]))[0],
    );
    const { pool } = await emptyDatabase();
    expect(await restored(pool, await exported(database.store))).toMatchObject({ restored: 1 });
    const { models, projector } = await newGeneration(pool, await open(pool));
    await projector.handle(await all((await open(pool)).readAll()));
    expect(await models.statement(id.id)).toMatchObject({ statedAt: data.statedAt, source: data.source });
    expect(await models.history('somewhere', {}, { limit: 5 })).toMatchObject({
      items: [{ from: data.statedAt, status: 'claimed' }],
    });
  });

  it('takes the place of a store that has no events, whatever its shards', async () => {
    const { pool } = await emptyDatabase();
    await newGeneration(pool, await open(pool, 3));
    await restored(pool);
    expect((await open(pool)).id).toBe(original.store.id);
    // Its read models stay, and so does their ruleset.
    expect(await new RulesetStore(pool).inForce()).toMatchObject({ version: ruleset.version });
  });

  it('does nothing where it is done already', async () => {
    const { pool } = await emptyDatabase();
    await restored(pool);
    expect(await restored(pool)).toMatchObject({ restored: 0, already: lines.length - 2 });
  });

  it('stopped, it leaves a store that nothing opens, and resumes where it was', async () => {
    const { pool } = await emptyDatabase();
    await expect(restored(pool, lines.slice(0, 120))).rejects.toThrow('the file ends early');
    await expect(open(pool)).rejects.toThrow('a restore into this store is not finished');
    const stopping = new AbortController();
    const stopped = restoreLog(pool, asLines(lines), {
      signal: stopping.signal,
      onProgress: () => stopping.abort(new Error('told to stop')),
    });
    await expect(stopped).rejects.toThrow('told to stop');
    expect(await restored(pool)).toEqual({
      storeId: original.store.id,
      restored: lines.length - 2 - 118,
      already: 118,
    });
    expect(await logTables(pool)).toEqual(await logTables(original.pool));
  }, 60_000);

  it('is refused where the database holds a store with events, and leaves it as it was', async () => {
    const other = await seededStore(30);
    databases.push(other);
    const before = await logTables(other.pool);
    await expect(restored(other.pool)).rejects.toThrow(
      /line 1: the database holds store .* restore into an empty one/,
    );
    await expect(
      restored(
        original.pool,
        lines.map((line, at) => (at === 0 ? line.replace(/"position":\d+/, '"position":1') : line)),
      ),
    ).rejects.toThrow('restore into an empty one');
    expect(await logTables(other.pool)).toEqual(before);
    await open(other.pool);
  }, 60_000);

  it('notices that something else writes', async () => {
    const { pool } = await emptyDatabase();
    async function* meanwhile() {
      for await (const line of asLines(lines)) {
        if (line.number === 50)
          await pool.query(`update claimline.heads set chain = decode(md5('y') || md5('y'), 'hex')`);
        yield line;
      }
    }
    await expect(restoreLog(pool, meanwhile())).rejects.toThrow('something else is writing to the store');
  });

  type Line = {
    shard: number;
    position: number;
    recordedAt: string;
    digest: string;
    chain: string;
    contentDigest?: string;
    quote?: { salt: string; quote: string };
    event: { type: string; data: { source?: object } };
  };
  const changed = (at: number, change: (line: Line) => unknown) =>
    lines.map((line, n) =>
      n === at
        ? JSON.stringify({ ...(JSON.parse(line) as Line), ...(change(JSON.parse(line) as Line) as object) })
        : line,
    );
  const rechained = (line: Line, event: Line['event']) => {
    const digest = sha256(canonicalJson(event)).toString('hex');
    const before = lines
      .slice(2)
      .map((one) => JSON.parse(one) as Line)
      .find(({ shard, position }) => shard === line.shard && position === line.position - 1)!;
    return { event, digest, chain: linkOf(before.chain, { ...line, digest }) };
  };
  const find = (what: (line: Line) => boolean, from = 0) =>
    lines.findIndex((line, at) => at >= Math.max(2, from) && what(JSON.parse(line) as Line));

  let refusing: Awaited<ReturnType<typeof emptyDatabase>> | undefined;
  it.each<[what: string, altered: () => readonly string[], said: RegExp]>([
    [
      'an event that was changed',
      () => changed(60, ({ event }) => ({ event: { ...event, by: 'somebody' } })),
      /^line 61: event \d+:\d+ does not have the digest of its body$/,
    ],
    [
      'an event that was changed with its digest',
      () =>
        changed(60, ({ event }) => ({
          event: { ...event, by: 'x' },
          digest: sha256(canonicalJson({ ...event, by: 'x' })).toString('hex'),
        })),
      /^line 61: event .* breaks the chain/,
    ],
    [
      'a time that was changed',
      () => changed(60, () => ({ recordedAt: '2030-01-01T00:00:00.000Z' })),
      /^line 61: event .* breaks the chain/,
    ],
    [
      'a time that goes back',
      () => changed(lines.length - 1, () => ({ recordedAt: NOW.replace('2026', '2020') })),
      /is recorded before the event before it/,
    ],
    [
      'a link that was changed',
      () => changed(60, () => ({ chain: '0'.repeat(64) })),
      /^line 61: event .* breaks the chain/,
    ],
    [
      'an event that was left out',
      () => lines.filter((_, at) => at !== 2),
      /^line \d+: event \d+:2 is out of order: position 1 of shard \d+ comes next/,
    ],
    [
      'an event twice',
      () => [...lines.slice(0, 61), lines[60]!, ...lines.slice(61)],
      /^line 62: event .* is out of order/,
    ],
    ['a line cut off', () => [...lines.slice(0, 60), lines[60]!.slice(0, 80)], /^line 61: is not JSON/],
    [
      'a shard that is not there',
      () => changed(60, () => ({ shard: 99 })),
      /^line 61: is in shard 99, but the store has 16 shards/,
    ],
    [
      'a quote that is not its own',
      () =>
        changed(
          find(({ quote }) => quote?.quote !== undefined),
          ({ quote }) => ({ quote: { ...quote!, quote: 'We never did' } }),
        ),
      /comes with a quote that is not its own/,
    ],
    [
      'a quote left out',
      () =>
        changed(
          find(({ quote }) => quote?.quote !== undefined),
          () => ({ quote: undefined }),
        ),
      /comes without its quote, and without a record of its erasure/,
    ],
    [
      'a digest of other content',
      () =>
        changed(
          find(({ contentDigest }) => contentDigest !== undefined),
          () => ({ contentDigest: 'a'.repeat(64) }),
        ),
      /comes with the digest of other content/,
    ],
    [
      'a digest of content left out',
      () =>
        changed(
          find(({ contentDigest }) => contentDigest !== undefined),
          () => ({ contentDigest: undefined }),
        ),
      /comes without the digest of its content/,
    ],
    [
      'an event of a newer version',
      () =>
        changed(
          find(({ position }) => position > 1),
          (line) => rechained(line, { ...line.event, schemaVersion: 9 } as Line['event']),
        ),
      /cannot be read by this version/,
    ],
    ['an unknown field', () => changed(60, () => ({ extra: 1 })), /^line 61: .*extra/],
    ['no header', () => lines.slice(1), /^line 1: is not the first line of an export of the log$/],
    ['a header of a later version', () => changed(0, () => ({ version: 2 })), /^line 1: \/version/],
    [
      'a header of another store',
      () => changed(0, () => ({ storeId: '11111111-1111-4111-8111-111111111111' })),
      /^line 3: event .* breaks the chain/,
    ],
    ['nothing', () => [], /^the file is empty$/],
    [
      'the end cut off',
      () => lines.slice(0, -1),
      /the file ends early: it has \d+ of \d+ events of shard \d+/,
    ],
  ])('refuses %s, naming the line', async (_, altered, said) => {
    const { pool } = (refusing ??= await emptyDatabase());
    await expect(restored(pool, altered())).rejects.toThrow(said);
  });

  it('refuses a ruleset whose version is kept with other content', async () => {
    const { pool } = await emptyDatabase();
    await pool.query(`insert into claimline.rulesets (version, content, digest) values ('r1', '{}', 'x')`);
    await expect(restored(pool)).rejects.toThrow('line 2: ruleset r1 is kept with other content');
  });
});
