import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { EventStore } from '#libs/log';
import {
  isSignedBy,
  leafHash,
  parseCheckpoint,
  parseNote,
  parseShardCheckpoint,
  parseVerifierKey,
} from '#libs/domain';
import { PLAIN, startRunning, type Running } from './running.js';
import { isConsistent, rootByInclusion } from '../support/tree-proofs.js';

let folder: string;
let running: Running;
beforeAll(async () => {
  folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'proofs-'));
  const key = join(folder, 'key.pem');
  writeFileSync(key, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
  running = await startRunning({ CHECKPOINT_KEY_FILE: key, SHARDS: '3' });
  await record(1000);
});
afterAll(() => running.stop());

let recorded = 0;
/** Records statements on many places. @returns the receipts */
async function record(count: number): Promise<{ eventId: string; shard: number; position: number }[]> {
  const statements = Array.from({ length: count }, () => ({
    ...PLAIN,
    location: { name: `Place ${(recorded += 1)}` },
  }));
  const { json } = await running.send('POST', '/v1/statements', statements);
  return json.results;
}

/** When the tiles hold all that they can. */
async function tiled(): Promise<void> {
  for (;;) {
    const [{ json: checkpoint }, { json: projections }] = [
      await running.get('/v1/checkpoint'),
      await running.get('/v1/projections'),
    ];
    if (
      checkpoint.heads.every(
        ({ shard, size }: { shard: number; size: number }) => size === projections.items[shard].head,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const bytes = (hashes: string[]) => hashes.map((hash) => Buffer.from(hash, 'hex'));
const sized = ({ size, root }: { size: number; root: string }) => ({ size, root: Buffer.from(root, 'hex') });

/** Does something to the log that its triggers would refuse. */
async function behindItsBack(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: running.databaseUrl });
  await client.connect();
  await client.query(
    `begin;
     alter table claimline.events disable trigger all;
     ${sql};
     alter table claimline.events enable always trigger events_are_never_changed;
     commit`,
  );
  await client.end();
}

describe('GET /v1/checkpoint', () => {
  it('names the trees of all shards, in a note that is signed', async () => {
    await tiled();
    const { status, json } = await running.get('/v1/checkpoint');
    expect(status).toBe(200);
    expect(json.heads.map(({ shard }: { shard: number }) => shard)).toEqual([0, 1, 2]);
    expect(json.heads.reduce((sum: number, { size }: { size: number }) => sum + size, 0)).toBe(1000);
    expect(json.token).toBe(
      json.heads.map(({ shard, size }: { shard: number; size: number }) => `${shard}:${size}`).join(','),
    );
    const note = parseNote(json.note)!;
    expect(isSignedBy(note, parseVerifierKey(json.key)!)).toBe(true);
    expect(parseCheckpoint(note.text)).toEqual({
      storeId: json.storeId,
      time: json.time,
      heads: json.heads.map((head: { shard: number; size: number; root: string }) => ({
        shard: head.shard,
        ...sized(head),
      })),
    });
    const plain = await running.get('/v1/checkpoint', { accept: 'text/plain' });
    expect(plain.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(parseCheckpoint(parseNote(plain.text)!.text)!.heads).toEqual(parseCheckpoint(note.text)!.heads);
  });

  it('proves that the trees have only grown, from any token to any later one', async () => {
    const { json: before } = await running.get('/v1/checkpoint');
    await record(500);
    await tiled();
    const { json: after } = await running.get('/v1/checkpoint');
    const { json } = await running.get(`/v1/checkpoint?from=${before.token}`);
    expect(json).toMatchObject({
      storeId: before.storeId,
      from: before.token,
      to: after.token,
      items: before.heads.map(({ shard, size, root }: { shard: number; size: number; root: string }) => ({
        shard,
        from: { size, root },
      })),
    });
    expect(json.items.map(({ to, shard }: { to: object; shard: number }) => ({ shard, ...to }))).toEqual(
      after.heads,
    );
    for (const { from, to, path } of json.items)
      expect(isConsistent(sized(from), sized(to), bytes(path))).toBe(true);
    const { json: some } = await running.get('/v1/checkpoint?from=1:3&to=1:100,2:7');
    expect(some.to).toContain('1:100,2:7');
    for (const { from, to, path } of some.items)
      expect(isConsistent(sized(from), sized(to), bytes(path))).toBe(true);
  });

  it('of one shard is a tlog-checkpoint: text unless JSON is asked for', async () => {
    const { json: all } = await running.get('/v1/checkpoint');
    for (const { shard, size, root } of all.heads as { shard: number; size: number; root: string }[]) {
      const origin = `claimline/${all.storeId}/${shard}`;
      const { status, json } = await running.get(`/v1/checkpoint?shard=${shard}`, {
        accept: 'application/json',
      });
      expect({ status, ...json }).toMatchObject({
        status: 200,
        storeId: all.storeId,
        heads: [{ shard, size, root }],
        token: `${shard}:${size}`,
        key: expect.stringContaining(`${origin}+`),
      });
      const head = { shard, ...sized({ size, root }) };
      for (const accept of [
        '*/*',
        'text/plain',
        'text/plain, application/json;q=0.5',
        'text/html,*/*;q=0.8',
      ]) {
        const { text, headers } = await running.get(`/v1/checkpoint?shard=${shard}`, { accept });
        expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
        const note = parseNote(text)!;
        expect(parseShardCheckpoint(note.text)).toEqual({ storeId: all.storeId, heads: [head] });
        expect(note.signatures.map(({ name }) => name)).toEqual([origin]);
        expect(isSignedBy(note, parseVerifierKey(json.key)!)).toBe(true);
      }
      expect(parseNote(json.note)).toEqual(
        parseNote((await running.get(`/v1/checkpoint?shard=${shard}`)).text),
      );
    }
  });

  it('of one shard is refused where nothing is signed', async () => {
    const unsigned = await startRunning();
    try {
      for (const accept of ['*/*', 'application/json'])
        expect(await unsigned.get('/v1/checkpoint?shard=0', { accept })).toMatchObject({
          status: 404,
          json: {
            type: 'urn:claimline:problem:checkpoint-unsigned',
            detail: expect.stringContaining('CHECKPOINT_KEY_FILE'),
          },
        });
    } finally {
      await unsigned.stop();
    }
  });

  it.each([
    ['shard=3', '/shard'],
    ['shard=-1', '/shard'],
    ['shard=01', '/shard'],
    ['shard=', '/shard'],
    ['shard=0&shard=1', '/shard'],
    ['shard=0&from=0:1', '/shard'],
    ['shard=0&from=0:1&to=0:1', '/shard'],
    ['from=x', '/from'],
    ['from=0:99999', '/from'],
    ['from=7:1', '/from'],
    ['from=0:1&to=0:99999', '/to'],
    ['from=0:5&to=0:4', '/from'],
    ['to=0:4', '/from'],
    ['size=1', '/size'],
  ])('refuses %s', async (query, pointer) => {
    expect(await running.get(`/v1/checkpoint?${query}`)).toMatchObject({
      status: 422,
      json: { type: 'urn:claimline:problem:query-invalid', errors: [{ pointer }] },
    });
  });
});

describe('GET /v1/events/{eventId}/proof', () => {
  it('leads from the event to the root that the checkpoint of the size names', async () => {
    const { json: checkpoint } = await running.get('/v1/checkpoint');
    const { items } = (await running.get('/v1/events?limit=500')).json as {
      items: { eventId: string; shard: number; position: number; recordedAt: string; digest: string }[];
    };
    for (const event of items.filter((_, at) => at % 50 === 0)) {
      const { json } = await running.get(`/v1/events/${event.eventId}/proof`);
      const { eventId, shard, position, recordedAt, digest } = event;
      expect(json).toMatchObject({
        storeId: checkpoint.storeId,
        eventId,
        shard,
        position,
        recordedAt,
        digest,
        leaf: `${position}:${recordedAt}:${digest}`,
        ...checkpoint.heads[shard],
      });
      expect(
        rootByInclusion(leafHash(json.leaf), position - 1, json.size, bytes(json.path))!.toString('hex'),
      ).toBe(json.root);
      const { json: early } = await running.get(`/v1/events/${eventId}/proof?size=${position}`);
      expect(
        rootByInclusion(leafHash(early.leaf), position - 1, position, bytes(early.path))!.toString('hex'),
      ).toBe(early.root);
    }
  });

  it('of an event that was just recorded is there at once', async () => {
    for (const { eventId, position } of await record(3))
      expect((await running.get(`/v1/events/${eventId}/proof`)).json.size).toBeGreaterThanOrEqual(position);
  });

  it('refuses what cannot be', async () => {
    const { eventId, position } = (await record(1))[0]!;
    expect(await running.get('/v1/events/nonsense/proof')).toMatchObject({
      status: 404,
      json: { type: 'urn:claimline:problem:event-not-found' },
    });
    expect((await running.get('/v1/events/00000000-0000-4000-8000-000000000000/proof')).status).toBe(404);
    for (const size of ['0', '-1', 'x', '1e3', position - 1, 999_999_999])
      expect(await running.get(`/v1/events/${eventId}/proof?size=${size}`)).toMatchObject({
        status: 422,
        json: { errors: [{ pointer: '/size' }] },
      });
  });

  it('says so where no tree holds the event yet', async () => {
    const client = new pg.Client({ connectionString: running.databaseUrl });
    await client.connect();
    // Nobody can fill them meanwhile.
    await client.query(
      `begin; select pg_advisory_xact_lock(hashtext('claimline.tiles'), shard) from claimline.heads`,
    );
    await running.service.app.get(EventStore).pool.query('truncate claimline.tiles');
    const { items } = (await running.get('/v1/projections')).json as { items: { head: number }[] };
    const late = (
      await running.get(`/v1/events?after=0:${items[0]!.head - 1},1:${items[1]!.head},2:${items[2]!.head}`)
    ).json.items[0];
    expect(await running.get(`/v1/events/${late.eventId}/proof`)).toMatchObject({
      status: 503,
      json: { type: 'urn:claimline:problem:tree-behind' },
    });
    expect((await running.get('/metrics')).text).toMatch(/claimline_tree_lag_events\{shard="0"\} [1-9]/);
    await client.query('commit');
    await client.end();
    await tiled();
    expect((await running.get(`/v1/events/${late.eventId}/proof`)).status).toBe(200);
  });
});

describe('docs/proofs.md', () => {
  let checkpoint: string;
  let key: string;
  const program = () => {
    const [, code] = /```js\n(.*?)```/s.exec(readFileSync('docs/proofs.md', 'utf8'))!;
    expect(code!.match(/from '(.*?)'/g)!.every((from) => from.startsWith("from 'node:"))).toBe(true);
    writeFileSync(join(folder, 'check.mjs'), code!);
    return join(folder, 'check.mjs');
  };
  const check = (eventId: string, file = checkpoint) =>
    new Promise<{ code: number | null; said: string }>((done) => {
      const child = spawn(process.execPath, [program(), running.url, eventId, file, key]);
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => (said += String(chunk)));
      child.on('close', (code) => done({ code, said }));
    });
  let events: { eventId: string; shard: number; position: number }[];

  beforeAll(async () => {
    events = await record(10);
    await tiled();
    const { json } = await running.get('/v1/checkpoint');
    ({ key } = json);
    checkpoint = join(folder, 'checkpoint.txt');
    writeFileSync(checkpoint, json.note);
    await record(300);
    await tiled();
  });

  it('checks an event without any code of ours, against a checkpoint that was kept', async () => {
    const { eventId, shard, position } = events[0]!;
    expect(await check(eventId)).toEqual({
      code: 0,
      said: expect.stringContaining(`event ${eventId} was at ${shard}:${position}`),
    });
    expect((await check(await firstOf(0))).code).toBe(0);
  });

  it('finds a checkpoint that was changed, and an event that came later', async () => {
    const forged = join(folder, 'forged.txt');
    writeFileSync(forged, readFileSync(checkpoint, 'utf8').replace('\n0 ', '\n0 1'));
    expect(await check(events[0]!.eventId, forged)).toMatchObject({
      code: 1,
      said: expect.stringContaining('the signature does not fit'),
    });
    const [later] = await record(1);
    expect((await check(later!.eventId)).code).toBe(1);
  });

  it('finds an event that was changed behind the back of the triggers', async () => {
    const changed = await firstOf(1);
    const time = await firstOf(2);
    await behindItsBack(
      `update claimline.events set body = replace(body, 'captured', 'controls') where event_id = '${changed}'`,
    );
    expect(await check(changed)).toMatchObject({
      code: 1,
      said: expect.stringContaining('the digest does not fit'),
    });
    await behindItsBack(
      `update claimline.events set digest = sha256(convert_to(body, 'UTF8')) where event_id = '${changed}'`,
    );
    expect(await check(changed)).toMatchObject({
      code: 1,
      said: expect.stringContaining('the path does not fit'),
    });
    await behindItsBack(
      `update claimline.events set recorded_at = recorded_at - interval '1 ms' where event_id = '${time}'`,
    );
    expect(await check(time)).toMatchObject({
      code: 1,
      said: expect.stringContaining('the path does not fit'),
    });
  });

  const firstOf = async (shard: number): Promise<string> =>
    (await running.service.app.get(EventStore).readStored(shard, 0, 1))[0]!.eventId;
});
