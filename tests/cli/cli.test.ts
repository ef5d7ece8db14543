import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NotReady, type Serving, startService } from '../support/service.js';

const MAIN = resolve('dist/apps/cli/src/main.js');
const SAMPLE = resolve('examples/kupiansk-2025-11');

let folder: string;
let env: NodeJS.ProcessEnv;
let serving: Serving | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'cli-'));
  env = { DATA_DIR: join(folder, 'data'), PORT: '0', LOG_LEVEL: 'warn' };
});
afterAll(async () => {
  serving?.signal('SIGTERM');
  await serving?.ended;
});

async function start(more: NodeJS.ProcessEnv = {}): Promise<Serving> {
  return (serving = await startService({ env: { ...env, ...more }, logFile: join(folder, 'log') }));
}

function claimline(
  args: string[],
  input?: string,
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { PATH: process.env.PATH, ...env },
      cwd: folder,
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    child.on('close', (code) => done({ code, out, err }));
    child.stdin.end(input);
  });
}

const statement = (day: number, place = 'Cli town') => ({
  stance: 'assert',
  claim: { predicate: 'captured', actor: 'russia' },
  location: { name: place },
  speaker: { party: 'russia' },
  statedAt: `2025-11-${String(day).padStart(2, '0')}`,
});

const post = (body: unknown) =>
  fetch(`${serving!.url}/v1/statements`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const stateOf = async (id: string, query = '') =>
  (await (await fetch(`${serving!.url}/v1/locations/${id}${query}`)).json()) as {
    status: string;
    statements: number;
    rulesetVersion: string;
  };

// One story: what a person does on one machine, from the first start on.
describe('claimline', () => {
  let locationId: string;

  it('starts on an empty folder, records, and stops in order: streams end, what was acknowledged is there again', async () => {
    await start();
    const answer = (await (await post(statement(1))).json()) as { locationId: string; token: string };
    ({ locationId } = answer);
    const stream = await fetch(`${serving!.url}/v1/stream`);
    const reader = stream.body!.getReader();
    await reader.read();
    let stopUpload!: () => void;
    const upload = fetch(`${serving!.url}/v1/statements`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(`${JSON.stringify(statement(2))}\n`));
          stopUpload = () => controller.close();
        },
      }),
      duplex: 'half',
    }).then((response) => response.text());
    const acknowledged = await Promise.all(
      Array.from({ length: 50 }, (_, n) => post(statement(3, `Town ${n}`))),
    );
    expect(acknowledged.every(({ status }) => status === 201)).toBe(true);
    // A body that is refused before all of it has come has no end to wait for.
    expect((await post({ by: 'x'.repeat(10_000_000) })).status).toBe(413);
    const begun = Date.now();
    serving!.signal('SIGTERM');
    expect(await serving!.ended).toEqual({ code: 0, signal: null });
    expect(Date.now() - begun).toBeLessThan(10_000);
    for (let read = await reader.read(); !read.done;) read = await reader.read();
    await upload.catch(() => {});
    try {
      stopUpload();
    } catch {
      // The request is gone already.
    }
    await start();
    const events = (await (
      await fetch(`${serving!.url}/v1/events?limit=500&types=claim.asserted`)
    ).json()) as { items: { eventId: string }[] };
    const kept = new Set(events.items.map(({ eventId }) => eventId));
    for (const response of acknowledged)
      expect(kept.has(((await response.json()) as { eventId: string }).eventId)).toBe(true);
  }, 60_000);

  it('a second start on the same folder says who has it, and leaves', async () => {
    await expect(startService({ env, logFile: join(folder, 'second') })).rejects.toThrow(NotReady);
    expect(readFileSync(join(folder, 'second'), 'utf8')).toContain(
      `another claimline (pid ${serving!.pid}) is using`,
    );
    expect((await fetch(`${serving!.url}/healthz`)).status).toBe(200);
  });

  it('imports beside the running service; every bad line is named, and doing it again doubles nothing', async () => {
    const file = join(folder, 'statements.ndjson');
    writeFileSync(
      file,
      [
        JSON.stringify(statement(4)),
        '{"stance":',
        JSON.stringify({ ...statement(5), stance: 'x' }),
        JSON.stringify(statement(6)),
      ].join('\n'),
    );
    const first = await claimline(['import', file]);
    expect(first).toMatchObject({
      code: 1,
      out: expect.stringMatching(
        /line 2: line-malformed.*\nline 3: statement-invalid: \/stance.*\n2 recorded, 0 were there already, 2 refused/s,
      ),
    });
    expect((await claimline(['import', file])).out).toContain('0 recorded, 2 were there already, 2 refused');
    expect(await claimline(['import', '-', '--dry-run'], JSON.stringify(statement(7)))).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 would be recorded'),
    });
    expect(await claimline(['import', join(folder, 'nothing.ndjson')])).toMatchObject({
      code: 1,
      err: expect.stringContaining('nothing.ndjson'),
    });
  }, 60_000);

  it('names the parties of an import that the ruleset does not know; a strict one refuses them', async () => {
    const said = (day: number, party: string, actor = 'russia') =>
      JSON.stringify({
        ...statement(day, 'Misspelled'),
        claim: { predicate: 'captured', actor },
        speaker: { party },
      });
    const input = [said(8, 'russia'), said(8, 'Rusia'), said(9, 'Rusia', 'Ukrane')].join('\n');
    expect(await claimline(['import', '-', '--dry-run'], input)).toMatchObject({
      code: 0,
      out: '3 would be recorded, 0 were there already, 0 refused\nnot in the ruleset: "Rusia" in 2, "Ukrane" in 1\n',
    });
    const { code, out } = await claimline(['import', '-', '--strict'], input);
    expect({ code, lines: out.split('\n') }).toEqual({
      code: 1,
      lines: [
        'line 2: party-unknown: /speaker/party "Rusia" is not in the ruleset russia-ukraine-2025-11.1',
        expect.stringMatching(/^line 3: party-unknown: .*"Rusia".*"Ukrane" is not in the ruleset/),
        '1 recorded, 0 were there already, 2 refused',
        '',
      ],
    });
    const unknownParties = [
      { name: 'Rusia', statements: 2 },
      { name: 'Ukrane', statements: 1 },
    ];
    expect(JSON.parse((await claimline(['import', '-', '--json'], input)).out)).toEqual({
      recorded: 2,
      duplicates: 1,
      refused: 0,
      unknownParties,
    });
    // What is recorded is known, however it is spelled.
    expect(JSON.parse((await claimline(['import', '-', '--strict', '--json'], input)).out)).toEqual({
      recorded: 0,
      duplicates: 3,
      refused: 0,
      unknownParties,
    });
  }, 60_000);

  it('prints its status and verifies the log beside the running service', async () => {
    const { code, out } = await claimline(['status', '--json']);
    expect(code).toBe(0);
    expect((JSON.parse(out) as { shards: object[] }).shards).toHaveLength(16);
    expect((await claimline(['status'])).out).toMatch(/events in 16 shards/);
    const asked = await fetch(`${serving!.url}/v1/replays`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"kind": "rebuild"}',
    });
    const { replayId } = (await asked.json()) as { replayId: string };
    const runs = async () =>
      (JSON.parse((await claimline(['status', '--json'])).out) as { runs: object[] }).runs;
    expect(await runs()).toMatchObject([{ replayId, kind: 'rebuild' }]);
    expect((await claimline(['status'])).out).toMatch(
      new RegExp(`\\nrun +state +done .*\\nrebuild .* ${replayId}\\n`),
    );
    expect(await claimline(['verify'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('all events verified'),
    });
    // A rebuild that is still under way would be resumed after the next start, and refuse the checks of the tests below.
    const stateOfRun = async () =>
      ((await (await fetch(`${serving!.url}/v1/replays/${replayId}`)).json()) as { state: string }).state;
    while (['waiting', 'running'].includes(await stateOfRun())) await sleep(100);
    expect(await stateOfRun()).toBe('done');
  }, 60_000);

  it('is whole after kill -9', async () => {
    const before = await stateOf(locationId);
    serving!.signal('SIGKILL');
    await serving!.ended;
    await start({ GAZETTEER_FILE: join(SAMPLE, 'gazetteer.ndjson') });
    expect(await stateOf(locationId)).toEqual(before);
    const { items } = (await (await fetch(`${serving!.url}/v1/projections`)).json()) as {
      items: { shard: number; head: number }[];
    };
    expect(
      (await stateOf('gn-703656', `?after=${items.map(({ shard, head }) => `${shard}:${head}`).join(',')}`))
        .status,
    ).toBe('unclaimed');
  }, 60_000);

  it('a start with the same gazetteer appends nothing; a changed ruleset takes effect through a rebuild only', async () => {
    const heads = async () =>
      (
        (await (await fetch(`${serving!.url}/v1/projections`)).json()) as { items: { head: number }[] }
      ).items.map(({ head }) => head);
    const before = await heads();
    expect(await claimline(['rebuild'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('the same as before, row by row'),
    });
    expect(await claimline(['verify', '--models'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('the read models match'),
    });
    serving!.signal('SIGTERM');
    await serving!.ended;
    const ruleset = join(folder, 'ruleset.json');
    writeFileSync(
      ruleset,
      JSON.stringify({
        version: 'test-2',
        sides: [{ id: 'moscow', name: 'Moscow' }],
        parties: [{ id: 'russia', side: 'moscow' }],
      }),
    );
    env = { ...env, RULESET_FILE: ruleset, GAZETTEER_FILE: join(SAMPLE, 'gazetteer.ndjson') };
    await start();
    expect(await heads()).toEqual(before);
    expect((await stateOf(locationId)).rulesetVersion).toBe('russia-ukraine-2025-11.1');
    const importUkraine = () =>
      claimline(
        ['import', '-', '--dry-run', '--strict'],
        JSON.stringify({ ...statement(9), speaker: { party: 'ukraine' } }),
      );
    expect(await importUkraine()).toMatchObject({ code: 0 });
    expect(await claimline(['rebuild', '--compare'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('to test-2'),
    });
    expect((await stateOf(locationId)).rulesetVersion).toBe('russia-ukraine-2025-11.1');
    expect(await claimline(['rebuild'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('ruleset test-2'),
    });
    expect(await stateOf(locationId)).toMatchObject({
      rulesetVersion: 'test-2',
      control: [{ holder: 'moscow' }],
    });
    expect(await importUkraine()).toMatchObject({
      code: 1,
      out: expect.stringContaining('"ukraine" is not in the ruleset test-2'),
    });
  }, 90_000);

  it('says what is wrong in words, by exit code 2 for wrong usage', async () => {
    expect((await claimline(['--help'])).code).toBe(0);
    expect((await claimline(['nonsense'])).code).toBe(2);
    expect((await claimline(['import'])).code).toBe(2);
    expect(await claimline(['start', 'nonsense'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('there is no part "nonsense"'),
    });
    const kept = env;
    env = { ...env, PORT: 'x', SHARDS: '0' };
    const wrong = await claimline(['status']);
    env = kept;
    expect(wrong.code).toBe(2);
    expect(wrong.err).toMatch(/PORT.*\n.*SHARDS/);
  }, 60_000);
});
