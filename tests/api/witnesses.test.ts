import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { goProgram, whyNoGo } from '../support/go.js';
import { PLAIN, startRunning, type Running } from './running.js';

const FOLDER = resolve('tests/api/witnesses');
const why = whyNoGo(FOLDER);
const SHARDS = 3;

/** What tests/api/witnesses/main.go is asked. */
interface Question {
  origin: string;
  key: string;
  note: string;
  before?: { size: number; root: string; path: string[] };
  leaf?: { text: string; index: number; path: string[] };
}

interface Checkpoint extends Question {
  shard: number;
  size: number;
  root: string;
}

(why ? describe.skip : describe)(
  `checkpoints of shards, read by the libraries of others (${why ?? 'golang.org/x/mod, transparency-dev'})`,
  () => {
    let running: Running;
    let program: string;
    beforeAll(async () => {
      program = goProgram(FOLDER, 'witnesses');
      const key = join(mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'witnesses-')), 'key.pem');
      writeFileSync(key, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
      running = await startRunning({ CHECKPOINT_KEY_FILE: key, SHARDS: String(SHARDS) });
    }, 120_000);
    afterAll(() => running.stop());

    /** What Go says of each. */
    function said(questions: readonly Question[]): string[] {
      const { stdout, stderr, status } = spawnSync(program, {
        input: questions.map((one) => `${JSON.stringify(one)}\n`).join(''),
        encoding: 'utf8',
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return stdout.split('\n').slice(0, -1);
    }
    const ok = ({ size, root }: { size: number; root: string }) => `ok ${size} ${root}`;

    let recorded = 0;
    async function record(count: number): Promise<void> {
      const statements = Array.from({ length: count }, () => ({
        ...PLAIN,
        location: { name: `Place ${(recorded += 1)}` },
      }));
      expect((await running.send('POST', '/v1/statements', statements)).status).toBe(200);
    }

    /** As a monitor asks for them, with what the JSON says of the same tree. */
    async function checkpoints(): Promise<Checkpoint[]> {
      const all: Checkpoint[] = [];
      for (let shard = 0; shard < SHARDS; shard++) {
        const { text: note } = await running.get(`/v1/checkpoint?shard=${shard}`);
        const { json } = await running.get(`/v1/checkpoint?shard=${shard}`, { accept: 'application/json' });
        all.push({ origin: `claimline/${json.storeId}/${shard}`, key: json.key, note, ...json.heads[0] });
      }
      return all;
    }

    it('are signed notes and checkpoints, of empty shards too, and prove that the shards have only grown', async () => {
      const sizes = [0, 1, 7, 300, 1];
      let before: Checkpoint[] = [];
      for (const count of sizes) {
        if (count > 0) await record(count);
        const now = await checkpoints();
        expect(said(now)).toEqual(now.map(ok));
        if (before.length > 0) {
          const token = (heads: { shard: number; size: number }[]) =>
            heads.map(({ shard, size }) => `${shard}:${size}`).join(',');
          const { json } = await running.get(`/v1/checkpoint?from=${token(before)}&to=${token(now)}`);
          // Nothing is to be compared with a tree that was empty.
          const grown = now.filter(({ shard }) => before[shard]!.size > 0);
          const questions = grown.map((one): Question => ({
            ...one,
            before: {
              size: before[one.shard]!.size,
              root: before[one.shard]!.root,
              path: json.items[one.shard].path,
            },
          }));
          expect(said(questions)).toEqual(grown.map(ok));
        }
        before = now;
      }
      expect(before.every(({ size }) => size > 30)).toBe(true);
    }, 60_000);

    it('prove single events', async () => {
      const now = await checkpoints();
      const { items } = (await running.get('/v1/events?limit=500')).json as {
        items: { eventId: string; shard: number; position: number }[];
      };
      const questions: Question[] = [];
      for (const { eventId, shard, position } of items.filter(
        ({ position: at }, n) => at === 1 || n % 20 === 0,
      )) {
        const { json } = await running.get(`/v1/events/${eventId}/proof?size=${now[shard]!.size}`);
        questions.push({ ...now[shard]!, leaf: { text: json.leaf, index: position - 1, path: json.path } });
      }
      expect(questions.length).toBeGreaterThan(10);
      expect(said(questions).every((answer) => answer.startsWith('ok '))).toBe(true);
      const [first] = questions;
      const { leaf } = first!;
      expect(
        said([
          { ...first!, leaf: { ...leaf!, text: `${leaf!.text}0` } },
          { ...first!, leaf: { ...leaf!, path: leaf!.path.slice(1) } },
        ]),
      ).toEqual([expect.stringMatching(/^tlog: /), expect.stringMatching(/^tlog: /)]);
    }, 60_000);

    it('are refused where they are not what they say', async () => {
      const [one, two] = (await checkpoints()) as [Checkpoint, Checkpoint];
      await record(40);
      const [later] = await checkpoints();
      const { json } = await running.get(`/v1/checkpoint?from=0:${one.size}&to=0:${later!.size}`);
      const before = { size: one.size, root: one.root, path: json.items[0].path as string[] };
      const wrong: Question[] = [
        { ...one, note: one.note.replace(`\n${one.size}\n`, `\n${one.size + 1}\n`) },
        { ...one, origin: two.origin },
        { ...one, key: two.key },
        { ...one, note: two.note },
        { ...later!, before: { ...before, root: two.root } },
        { ...later!, before: { ...before, path: before.path.toReversed() } },
      ];
      expect(said([{ ...later!, before }])).toEqual([ok(later!)]);
      expect(said(wrong).filter((answer) => !/^(checkpoint|tlog): /.test(answer))).toEqual([]);
    }, 60_000);
  },
);
