import { createReadStream, statSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import type { Refusal } from '#libs/domain';
import { ingest } from '#libs/event-store';
import { itemsOf } from '#libs/intake';
import { createLogger, openOrAttach, type Settings } from '#libs/platform';
import { openLog } from './open-log.js';
import { progressBar } from './progress-bar.js';
import { interrupted } from './stopping.js';

/** `claimline import`: records the statements of an NDJSON file. @returns whether all of them are recorded */
export async function importFile(file: string, { dryRun = false, json = false }: { dryRun?: boolean; json?: boolean }, settings: Settings): Promise<boolean> {
  if (!/\.(ndjson|jsonl)$/i.test(file) && file !== '-') throw new InvalidArgumentError(`<file> ${file}: only NDJSON (.ndjson, .jsonl) can be imported`);
  const total = file === '-' ? undefined : statSync(file).size;
  const signal = interrupted();
  const log = createLogger('warn', 'stderr');
  const database = await openOrAttach(settings, log);
  const opened = await openLog(database, settings, log);
  const bar = progressBar('import', total === undefined ? 'statements' : 'bytes');
  const counts = { recorded: 0, duplicates: 0, refused: 0 };
  const sum = () => (json ? JSON.stringify(counts) : `${counts.recorded} ${dryRun ? 'would be recorded' : 'recorded'}, ${counts.duplicates} were there already, ${counts.refused} refused`);
  let bytes = 0;
  const input = file === '-' ? process.stdin : createReadStream(file);
  input.on('data', (chunk: Buffer | string) => (bytes += chunk.length));
  signal.addEventListener('abort', () => input.destroy(signal.reason as Error));
  try {
    for await (const batch of ingest(opened.recorder, itemsOf(input), { dryRun })) {
      for (const { line, outcome } of batch) {
        if (outcome.ok) counts[outcome.value.duplicate ? 'duplicates' : 'recorded']++;
        else {
          counts.refused++;
          bar.say(json ? JSON.stringify({ line, ...outcome.refusal }) : `line ${line}: ${textOf(outcome.refusal)}`);
        }
      }
      bar.update(total === undefined ? counts.recorded + counts.duplicates + counts.refused : bytes, total);
      signal.throwIfAborted();
    }
  } finally {
    bar.end();
    await opened.close();
    await database.close();
    process.stdout.write(`${sum()}\n`);
  }
  return counts.refused === 0;
}

const textOf = ({ code, detail, errors = [] }: Refusal) => `${code}: ${detail}${errors.length > 1 ? ` (${errors.map((one) => `${one.pointer} ${one.detail}`).join('; ')})` : ''}`;
