// npm run war -- [--places 3000] [--statements 30000] [--days 30] [--from 2025-11-01] [--seed 1] [--url <service> | --file <name>]:
// a war that never was, to try things on. By itself it goes into the store that the settings name (DATA_DIR, DATABASE_URL),
// which must be empty, and is recorded when it happened; with --url it is sent to a service, which records it now; with
// --file its statements and its gazetteer are written as NDJSON, for `claimline import` and GAZETTEER_FILE.
import { createWriteStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { parseRuleset } from '#libs/domain';
import { migrate } from '#libs/log';
import { createPool, loadSettings, openDatabase } from '#libs/platform';
import type { Happening } from './happening.js';
import { recordOverTime, type Recorded } from './recording.js';
import { sendOverHttp } from './sending.js';
import { warOverTime } from './war-over-time.js';

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: { places: text, statements: text, days: text, seed: text, from: text, url: text, file: text },
});
const numberOf = (name: 'places' | 'statements' | 'days' | 'seed', otherwise: number) => {
  const number = Number(values[name] ?? otherwise);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} takes a whole number above 0`);
  return number;
};

const happenings = warOverTime({
  seed: numberOf('seed', 1),
  places: numberOf('places', 3000),
  statements: numberOf('statements', 30_000),
  days: numberOf('days', 30),
  from: values.from ?? '2025-11-01',
});
const kinds = new Map<string, number>();
for (const { kind } of happenings) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
console.log([...kinds].map(([kind, count]) => `${kind}: ${count}`).join(', '));
if (values.file !== undefined) await toFiles(values.file);
else {
  const { events, refused } =
    values.url === undefined
      ? await intoStore()
      : await sendOverHttp(values.url.replace(/\/$/, ''), happenings, progress());
  console.log(`${events} recorded, ${refused} refused`);
}

async function intoStore(): Promise<Recorded> {
  const settings = loadSettings();
  const parsed = parseRuleset(
    JSON.parse(readFileSync(settings.rulesetFile ?? 'rulesets/russia-ukraine.json', 'utf8')),
  );
  if (!parsed.ok) throw new Error('the ruleset cannot be read');
  const database = await openDatabase(settings);
  const pool = createPool(database.url, { max: 4 });
  try {
    await migrate(database.url);
    return await recordOverTime(pool, settings.shards, happenings, parsed.ruleset, progress());
  } finally {
    await pool.end();
    await database.close();
  }
}

async function toFiles(name: string): Promise<void> {
  const write = (file: string, lines: (happening: Happening) => object[]) =>
    pipeline(
      Readable.from(happenings.flatMap(lines).map((line) => `${JSON.stringify(line)}\n`)),
      createWriteStream(file),
    );
  await write(`${name}.ndjson`, (one) => (one.kind === 'statement' ? [one.statement] : []));
  await write(`${name}.gazetteer.ndjson`, (one) => (one.kind === 'place' ? [one.place] : []));
  console.log(`${name}.ndjson, ${name}.gazetteer.ndjson`);
}

/** Says now and then how far it is. */
function progress(): (done: number) => void {
  let next = Date.now() + 2000;
  return (done) => {
    if (Date.now() < next) return;
    next = Date.now() + 2000;
    console.error(`${done} of ${happenings.length}`);
  };
}
