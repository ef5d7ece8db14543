import { createReadStream, statSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import { InvalidArgumentError } from 'commander';
import { ingest, type Item } from '#libs/event-store';
import { csvItems, itemsOf, mappedItems, type Mapping, readMapping } from '#libs/intake';
import { createLogger, openOrAttach, type Settings } from '#libs/platform';
import { openLog } from './open-log.js';
import { progressBar } from './progress-bar.js';
import { stopAsked } from './service.js';

export const IMPORT_FORMATS = ['ndjson', 'csv'] as const;
type Format = (typeof IMPORT_FORMATS)[number];

export interface ImportOptions {
  dryRun?: boolean;
  mapping?: string;
  format?: Format;
}

/** `claimline import`: records the statements of a file. @returns whether all of them are recorded */
export async function importFile(file: string, { dryRun = false, mapping: mappingFile, format = formatOf(file) }: ImportOptions, settings: Settings): Promise<boolean> {
  const total = file === '-' ? undefined : statSync(file).size;
  const mapping = mappingFile === undefined ? undefined : await readMapping(mappingFile);
  const log = createLogger('warn', 'stderr');
  const { signal } = stopAsked();
  const database = await openOrAttach(settings, log);
  const opened = await openLog(database, settings, log);
  const bar = progressBar('import', total === undefined ? 'statements' : 'bytes');
  const counts = { recorded: 0, duplicates: 0, refused: 0 };
  let [bytes, last] = [0, 0];
  const input = addAbortSignal(signal, file === '-' ? process.stdin : createReadStream(file));
  input.on('data', (chunk: Buffer | string) => (bytes += chunk.length));
  try {
    for await (const batch of ingest(opened.recorder, itemsIn(input, format, mapping), { dryRun })) {
      for (const { line, outcome } of batch) {
        last = line;
        if (outcome.ok) counts[outcome.value.duplicate ? 'duplicates' : 'recorded']++;
        else {
          counts.refused++;
          const { code, detail, errors = [] } = outcome.refusal;
          process.stdout.write(`line ${line}: ${code}: ${detail}${errors.length > 1 ? ` (${errors.map((one) => `${one.pointer} ${one.detail}`).join('; ')})` : ''}\n`);
        }
      }
      bar.update(total === undefined ? counts.recorded + counts.duplicates + counts.refused : bytes, total);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    bar.end();
    await opened.close();
    await database.close();
  }
  process.stdout.write(`${counts.recorded} ${dryRun ? 'would be recorded' : 'recorded'}, ${counts.duplicates} were there already, ${counts.refused} refused\n`);
  if (signal.aborted) process.stdout.write(`stopped after line ${last}: run it again, and nothing is doubled\n`);
  return counts.refused === 0 && !signal.aborted;
}

function formatOf(file: string): Format {
  if (/\.csv$/i.test(file)) return 'csv';
  if (file === '-' || /\.(ndjson|jsonl)$/i.test(file)) return 'ndjson';
  throw new InvalidArgumentError(`${file}: what it is its name does not say (.ndjson, .jsonl, .csv): --format does`);
}

function itemsIn(input: AsyncIterable<Uint8Array>, format: Format, mapping: Mapping | undefined): AsyncGenerator<Item> {
  if (format === 'csv') return csvItems(input, mapping);
  return mapping ? mappedItems(input, mapping) : itemsOf(input);
}
