// Starts PostgreSQL on a data folder, and then has every file descriptor of this process open: while the server lives, while it
// dies, and until its restart has been tried. Prints what it saw as one line of JSON. To be run with a low limit of open files.
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createLogger, startEmbeddedPostgres } from '#libs/platform';

/** The server is looked at four times a second. */
const LOOKED_AT_MS = 1500;

const messages: string[] = [];
const server = await startEmbeddedPostgres({
  dataDir: process.argv[2]!,
  log: createLogger('info', {
    write: (line) => void messages.push((JSON.parse(line) as { msg: string }).msg),
  }),
});
const first = server.pid;
server.onExit((error) => void messages.push(`lost: ${error.message}`));
// Everything that is needed later is loaded, and the timers run.
await sleep(10);

const files: number[] = [];
let error: unknown;
while (error === undefined)
  try {
    files.push(openSync('/dev/null', 'r'));
  } catch (thrown) {
    error = thrown;
  }

await sleep(LOOKED_AT_MS);
const whileAlive = [...messages];

process.kill(first, 'SIGKILL');
await until(() => messages.some((message) => message.includes('too many files are open')));
const pidWhileDead = server.pid;
for (const file of files) closeSync(file);
await until(() => messages.some((message) => message.includes('is running again')));
const client = new pg.Client(server.url);
await client.connect();
const { rows } = await client.query<{ n: number }>('select 1 as n');
await client.end();
const report = {
  error: (error as NodeJS.ErrnoException).code,
  whileAlive,
  messages,
  isSame: pidWhileDead === first,
  isAnother: server.pid !== first,
  rows,
};
await server.stop();
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit();

async function until(isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !isSo(); await sleep(20))
    if (Date.now() > end) throw new Error(`it did not come to that: ${messages.join('; ')}`);
}
