import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RecordStatements, SetStatementVoided } from '#libs/commands';
import { claimline } from '../support/command-line.js';
import { commandsOn } from '../support/commands.js';
import { type Damage, damage } from '../support/damage.js';
import { all, claim, input, openStore, valueOf } from '../support/opened-store.js';

const SHARDS = 2;
const VARIABLES = ['DATABASE_URL', 'SHARDS', 'LOG_LEVEL', 'KAFKA_BROKERS'];

let opened: Awaited<ReturnType<typeof openStore>>;
let folder: string;
let damaged: Damage;
let events: { eventId: string; shard: number; position: number }[];
const before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));

beforeAll(async () => {
  folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'unreadable-'));
  opened = await openStore({ shards: SHARDS });
  await opened.store.append(Array.from({ length: 30 }, (_, n) => claim(`place-${n % 6}`)));
  Object.assign(process.env, {
    DATABASE_URL: opened.url,
    SHARDS: String(SHARDS),
    LOG_LEVEL: 'silent',
    KAFKA_BROKERS: '',
  });
  expect((await claimline('rebuild')).code).toBe(0);
  events = await all(opened.store.readAll());
  const [first] = events;
  damaged = await damage(opened.url, { shard: first!.shard, position: 4 });
});
afterAll(async () => {
  for (const name of VARIABLES)
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  await opened.close();
});

const readable = () =>
  events.filter(({ shard, position }) => shard !== damaged.shard || position < damaged.position);
const name = () =>
  `the event ${damaged.eventId} at position ${damaged.position} of shard ${damaged.shard} cannot be read`;

describe('one unreadable event', () => {
  it('makes a backup of the log fail, which names it and leaves no file', async () => {
    const file = join(folder, 'backup.ndjson');
    expect(await claimline('export', 'log', '-o', file)).toMatchObject({
      code: 1,
      err: expect.stringContaining(name()),
    });
    expect(existsSync(file)).toBe(false);
  });

  it('makes a rebuild fail, which names it and leaves the read models as they were', async () => {
    const digest = async () =>
      (await opened.pool.query<{ n: number }>('select count(*)::int as n from read_models.timeline')).rows;
    const kept = await digest();
    expect(await claimline('rebuild')).toMatchObject({ code: 1, err: expect.stringContaining(name()) });
    expect(await digest()).toEqual(kept);
    expect((await claimline('export', 'statements')).out.trimEnd().split('\n')).toHaveLength(30);
  });

  it('is named by a rebuild with those of the other shards', async () => {
    const other = await damage(opened.url, { shard: 1 - damaged.shard, position: 2 });
    const { err } = await claimline('rebuild');
    expect(err).toContain(name());
    expect(err).toContain(other.eventId);
    await other.mend();
  });

  it('is named by verify, with its id', async () => {
    const { code, out } = await claimline('verify');
    expect(code).toBe(1);
    expect(out).toContain(`shard ${damaged.shard}, position ${damaged.position} does not have the digest`);
    expect(out).toContain(damaged.eventId);
    expect(out).toContain('1 fault');
  });

  it('ends its shard in a replay to a file, which fails and is completed when the event is mended', async () => {
    const file = join(folder, 'replay.ndjson');
    const written = () =>
      readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { eventId: string }).eventId);
    expect(await claimline('replay', '--out', file)).toMatchObject({
      code: 1,
      err: expect.stringContaining(name()),
    });
    expect(written().toSorted()).toEqual(
      readable()
        .map(({ eventId }) => eventId)
        .toSorted(),
    );
    await damaged.mend();
    expect((await claimline('replay', '--out', file, '--resume')).code).toBe(0);
    expect(written().toSorted()).toEqual(events.map(({ eventId }) => eventId).toSorted());
    await damage(opened.url, damaged);
  });

  it('stops a command only where it may be about the same statement', async () => {
    const commands = commandsOn(opened.store);
    const location = { name: 'Voided', country: 'UA' };
    const stated = ['2025-11-20', '2025-11-21', '2025-11-22'].map((statedAt) =>
      input({ location, statedAt }),
    );
    const [first, second, third] = (await commands.execute(new RecordStatements(stated))).map(
      (outcome) => valueOf(outcome).statementId!,
    );
    const voided = (id: string, reason: string) =>
      commands.execute(new SetStatementVoided(id, true, { by: 'curator', reason }));
    const one = await damage(opened.url, valueOf(await voided(first!, 'a mistake')));
    expect(await voided(second!, 'a mistake')).toMatchObject({ ok: true });
    // What was said about a statement that was voided before has to be read.
    await expect(voided(second!, 'another mistake')).rejects.toThrow(`the event ${one.eventId} at position`);
    expect(await voided(third!, 'a mistake')).toMatchObject({ ok: true });
    await one.mend();
    expect(await voided(second!, 'another mistake')).toMatchObject({ ok: true });
  });
});
