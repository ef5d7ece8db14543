import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRunning, type Running } from '../api/running.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

const SCRIPT = resolve('docs/backup/claimline-backup.sh');
const COMMAND = `${process.execPath} ${resolve('dist/apps/cli/src/main.js')}`;

describe('docs/backup', () => {
  let running: Running;
  let restored: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'backup-'));
    running = await startRunning();
    restored = await freshDatabase();
    for (let n = 0; n < 5; n += 1)
      await running.record({
        location: { name: `Backed up ${n}` },
        source: { outlet: 'a.example', quote: `It was said, ${n}: "position":7` },
      });
  });
  afterAll(async () => {
    await running?.stop();
    await restored?.drop();
  });

  const run = (command: string, env: NodeJS.ProcessEnv) =>
    spawnSync('sh', ['-c', command], {
      encoding: 'utf8',
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    });
  const backUp = (env: NodeJS.ProcessEnv = {}) =>
    run(SCRIPT, { BACKUP_DIR: folder, CLAIMLINE: COMMAND, DATABASE_URL: running.databaseUrl, ...env });
  const copies = () =>
    readdirSync(folder, { encoding: 'utf8' })
      .filter((name) => name.includes('.gz'))
      .toSorted();

  it('the script makes a copy beside the running service, from which the same store is restored', async () => {
    const { status, stdout } = backUp();
    expect(status).toBe(0);
    const file = stdout.trim();
    expect(copies().map((name) => join(folder, name))).toEqual([file]);
    expect(statSync(file).mode & 0o077).toBe(0);
    const lines = gunzipSync(readFileSync(file)).toString().trim().split('\n');
    expect(lines.filter((line) => line.startsWith('{"shard"')).length).toBe(5);

    const into = { DATABASE_URL: restored.url };
    const restore = run(`gzip -dc ${file} | ${COMMAND} restore -`, into);
    expect([restore.status, restore.stdout]).toEqual([0, expect.stringContaining('5 events restored')]);
    expect(run(`${COMMAND} verify`, into).status).toBe(0);
    const events = async (one: Running) =>
      (await one.get('/v1/events?limit=500')).json.items as { eventId: string }[];
    const again = await startRunning({ DATABASE_URL: restored.url });
    expect(await events(again)).toEqual(await events(running));
    await again.stop();
  }, 120_000);

  it('keeps as many copies as it is told, and nothing of others', () => {
    writeFileSync(join(folder, 'claimline-notes.txt'), 'mine');
    for (const day of ['01', '02', '03'])
      writeFileSync(join(folder, `claimline-202501${day}T000000Z.ndjson.gz`), '');
    expect(backUp({ KEEP: '2' }).status).toBe(0);
    expect(copies()).toHaveLength(2);
    expect(copies().every((name) => !name.includes('2025'))).toBe(true);
    expect(readdirSync(folder)).toContain('claimline-notes.txt');
  }, 60_000);

  it('fails where the export fails or is cut short, and leaves the copies that there are', () => {
    const before = copies();
    const away = backUp({ DATABASE_URL: 'postgresql://nobody:x@127.0.0.1:9/none', KEEP: '1' });
    expect([away.status, away.stdout]).toEqual([1, '']);
    expect(away.stderr).toContain('the export failed');
    const cut = join(folder, 'cut.sh');
    writeFileSync(cut, `#!/bin/sh\n${COMMAND} "$@" | head -n -2\n`);
    chmodSync(cut, 0o755);
    const short = backUp({ CLAIMLINE: cut, KEEP: '1' });
    expect([short.status, short.stderr]).toEqual([1, expect.stringContaining('the copy has 3 of 5 events')]);
    expect(backUp({ KEEP: 'all' }).status).toBe(2);
    expect(copies()).toEqual(before);
  }, 60_000);

  it('the units of systemd start the script that is there', () => {
    const service = readFileSync('docs/backup/claimline-backup.service', 'utf8');
    const [, script] = /^ExecStart=\/opt\/claimline\/(.+)$/m.exec(service)!;
    expect(resolve(script!)).toBe(SCRIPT);
    expect(service).toMatch(/^Type=oneshot$/m);
    expect(readFileSync('docs/backup/claimline-backup.timer', 'utf8')).toMatch(/^OnCalendar=.+$/m);
    const check = spawnSync('systemd-analyze', ['--version']);
    if (check.status !== 0) return;
    const calendar = spawnSync('systemd-analyze', ['calendar', '*-*-* 02:30:00'], { encoding: 'utf8' });
    expect(calendar.status).toBe(0);
  });
});
