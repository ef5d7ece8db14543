import { createReadStream, statSync } from 'node:fs';
import { ingest } from '#libs/event-store';
import { itemsOf } from '#libs/intake';
import { createLogger, openOrAttach, type Settings } from '#libs/platform';
import { openLog } from './open-log.js';
import { progressBar } from './progress-bar.js';

/** `claimline import`: records the statements of an NDJSON file. @returns whether all of them are recorded */
export async function importFile(file: string, { dryRun = false }: { dryRun?: boolean }, settings: Settings): Promise<boolean> {
  if (!/\.(ndjson|jsonl)$/i.test(file) && file !== '-') throw new Error(`${file}: only NDJSON (.ndjson, .jsonl) can be imported`);
  const total = file === '-' ? undefined : statSync(file).size;
  const log = createLogger('warn', 'stderr');
  const database = await openOrAttach(settings, log);
  const opened = await openLog(database, settings, log);
  const bar = progressBar('import', total === undefined ? 'statements' : 'bytes');
  const counts = { recorded: 0, duplicates: 0, refused: 0 };
  let bytes = 0;
  const input = file === '-' ? process.stdin : createReadStream(file);
  input.on('data', (chunk: Buffer | string) => (bytes += chunk.length));
  try {
    for await (const batch of ingest(opened.recorder, itemsOf(input), { dryRun })) {
      for (const { line, outcome } of batch) {
        if (outcome.ok) counts[outcome.value.duplicate ? 'duplicates' : 'recorded']++;
        else {
          counts.refused++;
          const { code, detail, errors = [] } = outcome.refusal;
          process.stdout.write(`line ${line}: ${code}: ${detail}${errors.length > 1 ? ` (${errors.map((one) => `${one.pointer} ${one.detail}`).join('; ')})` : ''}\n`);
        }
      }
      bar.update(total === undefined ? counts.recorded + counts.duplicates + counts.refused : bytes, total);
    }
  } finally {
    bar.end();
    await opened.close();
    await database.close();
  }
  process.stdout.write(`${counts.recorded} ${dryRun ? 'would be recorded' : 'recorded'}, ${counts.duplicates} were there already, ${counts.refused} refused\n`);
  return counts.refused === 0;
}
