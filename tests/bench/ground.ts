import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseRuleset, type Ruleset } from '#libs/domain';
import { migrate } from '#libs/log';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#libs/platform';
import { withClient } from './copy.js';
import { startBenchBroker, type BenchBroker } from './kafka/bench-broker.js';

/** What all benches need: a PostgreSQL of their own, durable and on a disk, a folder, and on request a broker. */
export interface Ground {
  folder: string;
  /** Of the server, to look at it. */
  url: string;
  /** The process of the server, whose children serve its connections. */
  serverPid: number;
  runs: number;
  ruleset: Ruleset;
  say(line: string): void;
  /** A new database: empty but for the log's schema, or a copy of another one, to which nobody is connected. */
  database(of?: string): Promise<Database>;
  /** Kafka, started at the first call. */
  broker(): Promise<BenchBroker>;
  close(): Promise<void>;
}

export interface Database {
  name: string;
  url: string;
  drop(): Promise<void>;
}

const EMPTY = 'bench_empty';

export async function prepareGround(runs: number, say: (line: string) => void): Promise<Ground> {
  const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'claimline-bench-'));
  // As root the server runs as another user, who has to get in.
  chmodSync(folder, 0o755);
  const janitor: ChildProcess = spawn(process.execPath, [resolve('tests/support/janitor.mjs'), folder], {
    stdio: ['pipe', 'inherit', 'inherit'],
    detached: true,
  });
  const dataDir = join(folder, 'server');
  mkdirSync(dataDir);
  const server: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir });
  const urlOf = (name: string) => Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
  const admin = (sql: string) => withClient(server.url, (client) => client.query(sql));
  await admin(`create database ${EMPTY} template template0`);
  await migrate(urlOf(EMPTY));
  let serial = 0;
  let broker: Promise<BenchBroker> | undefined;
  return {
    folder,
    url: server.url,
    serverPid: server.pid,
    runs,
    ruleset: rulesetInUse(),
    say,
    async database(of = EMPTY) {
      const name = `bench_${(serial += 1)}`;
      await admin(`create database ${name} template ${of}`);
      await admin('checkpoint');
      return {
        name,
        url: urlOf(name),
        drop: async () => void (await admin(`drop database ${name} with (force)`)),
      };
    },
    broker: () => (broker ??= startBenchBroker(join(folder, 'kafka'))),
    async close() {
      await (await broker?.catch(() => undefined))?.stop();
      await server.stop();
      janitor.stdin!.end();
      await once(janitor, 'exit');
    },
  };
}

function rulesetInUse(): Ruleset {
  const parsed = parseRuleset(JSON.parse(readFileSync('rulesets/russia-ukraine.json', 'utf8')));
  if (!parsed.ok) throw new Error('the ruleset cannot be read');
  return parsed.ruleset;
}
