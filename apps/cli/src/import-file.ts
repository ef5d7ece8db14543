import { createReadStream } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { printable, type Refusal } from '#libs/domain';
import { createCommands, fixedRuleset, recordInBatches, UnknownTally, type InputLine } from '#libs/commands';
import { openLog, rulesetInForce, RulesetStore } from '#libs/log';
import { openRegister } from '#libs/places';
import { csvLines, mappedLines, type Mapping, parseMapping, ownStatementLines } from '#libs/transfer';
import { createLogger, openOrAttach, type Settings, sizeOf, textOf } from '#libs/platform';
import { shutdownSignal } from '#libs/service';
import { openPools } from './open-pools.js';
import { progressBar } from './progress-bar.js';

export const IMPORT_FORMATS = ['ndjson', 'csv'] as const;
type Format = (typeof IMPORT_FORMATS)[number];

export interface ImportOptions {
  dryRun?: boolean;
  strict?: boolean;
  mapping?: string;
  format?: Format;
  json?: boolean;
}

/** `claimline import`: records the statements of a file. @returns whether all of them are recorded */
export async function importFile(
  file: string,
  {
    dryRun = false,
    strict = false,
    json = false,
    mapping: mappingFile,
    format = formatOf(file),
  }: ImportOptions,
  settings: Settings,
): Promise<boolean> {
  const total = file === '-' ? undefined : sizeOf(file);
  const mapping =
    mappingFile === undefined ? undefined : parseMapping(mappingFile, textOf('--mapping', mappingFile));
  const signal = shutdownSignal();
  const log = createLogger('warn', 'stderr');
  const pools = await openPools(settings, log, { database: openOrAttach, signal });
  const store = await openLog(pools, settings, log);
  const register = await openRegister(store, log);
  const bar = progressBar('import', total === undefined ? 'statements' : 'bytes');
  const counts = { recorded: 0, duplicates: 0, refused: 0 };
  const lines = { count: 0, last: 0 };
  const unknown = new UnknownTally();
  const sum = () => {
    // Where rows hold several statements, the counts are not those of rows.
    const rows =
      counts.recorded + counts.duplicates + counts.refused > lines.count ? { rows: lines.count } : {};
    if (json) return JSON.stringify({ ...counts, ...rows, ...unknown.sum() });
    const parts = [
      `${counts.recorded} ${dryRun ? 'would be recorded' : 'recorded'}`,
      `${counts.duplicates} were there already`,
      `${counts.refused} refused`,
      ...(rows.rows === undefined ? [] : [`of ${rows.rows} rows`]),
    ];
    return parts.join(', ') + unknownText(unknown.sum());
  };
  let bytes = 0;
  try {
    const rulesets = fixedRuleset(await rulesetInForce(new RulesetStore(store.pool), settings));
    const commands = createCommands({ store, register, rulesets });
    signal.throwIfAborted();
    const input = file === '-' ? process.stdin : createReadStream(file);
    // The listener starts the flow: nothing may be awaited before the input is read.
    input.on('data', (chunk: Buffer | string) => (bytes += chunk.length));
    signal.addEventListener('abort', () => input.destroy(signal.reason as Error));
    for await (const batch of recordInBatches(commands, itemsIn(input, format, mapping), {
      dryRun,
      unknownParties: strict ? 'refuse' : 'name',
    })) {
      for (const { line, link, outcome } of batch) {
        if (line !== lines.last) lines.count++;
        lines.last = line;
        if (outcome.ok) {
          counts[outcome.value.duplicate ? 'duplicates' : 'recorded']++;
          unknown.add(outcome.value);
        } else {
          counts.refused++;
          bar.say(
            json
              ? JSON.stringify({ line, link, ...outcome.refusal })
              : `line ${line}${link === undefined ? '' : ` (${printable(link, 100)})`}: ${refusalText(outcome.refusal)}`,
          );
        }
      }
      bar.update(total === undefined ? counts.recorded + counts.duplicates + counts.refused : bytes, total);
      signal.throwIfAborted();
    }
  } finally {
    bar.end();
    await pools.close();
    process.stdout.write(`${sum()}\n`);
  }
  return counts.refused === 0;
}

const refusalText = ({ code, detail, errors = [] }: Refusal) =>
  `${code}: ${detail}${errors.length > 1 ? ` (${errors.map((one) => `${one.pointer} ${one.detail}`).join('; ')})` : ''}`;

function unknownText({
  unknownParties = [],
  moreUnknownParties = 0,
}: ReturnType<UnknownTally['sum']>): string {
  const more = moreUnknownParties > 0 ? [`and others ${moreUnknownParties} times`] : [];
  return unknownParties.length === 0
    ? ''
    : `\nnot in the ruleset: ${[...unknownParties.map(({ name, statements }) => `"${name}" in ${statements}`), ...more].join(', ')}`;
}

function formatOf(file: string): Format {
  if (/\.csv$/i.test(file)) return 'csv';
  if (file === '-' || /\.(ndjson|jsonl)$/i.test(file)) return 'ndjson';
  throw new InvalidArgumentError(
    `<file> ${file}: cannot tell the format from the name (.ndjson, .jsonl, .csv): set it with --format`,
  );
}

function itemsIn(
  input: AsyncIterable<Uint8Array>,
  format: Format,
  mapping: Mapping | undefined,
): AsyncGenerator<InputLine> {
  if (format === 'csv') return csvLines(input, mapping);
  return mapping ? mappedLines(input, mapping) : ownStatementLines(input);
}
