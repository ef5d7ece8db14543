import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { locationIdOf, parameters, parseQuery } from '#libs/http';
import type { BitemporalPoint, Epochs } from '#libs/domain';
import {
  failWithFile,
  FileInTheWay,
  isOfFile,
  Problem,
  requireReplaceable,
  type Settings,
  writeThrough,
  writeWhole,
} from '#libs/platform';
import {
  exportLog,
  exportSchema,
  exportStatements,
  exportStates,
  exportTimelines,
  type FormatOptions,
  type Held,
  isOwnFile,
  isOwnSchema,
  type TextChunk,
  SCHEMA_FORMATS,
} from '#libs/transfer';
import { createQueries, type QueryExecutor } from '#libs/queries';
import { shutdownSignal } from '#libs/service';
import { catchUpModels } from './catch-up-models.js';
import { type ProgressBar, progressBar } from './progress-bar.js';
import { withLog } from './with-log.js';
import { withReadModels } from './with-read-models.js';

export const EXPORTS = ['statements', 'timeline', 'states', 'log'] as const;
type What = (typeof EXPORTS)[number];

/** The filters have the names that they have in queries of the API. */
export type ExportOptions = FormatOptions & Output & Filters;

interface Output {
  output?: string;
  /** Replaces any file. */
  force?: boolean;
  json?: boolean;
  /** Also a file with the schema of what is exported. */
  schema?: boolean;
}

type Filters = { location?: string } & Record<string, unknown>;

// The filters of the API, under their names there.
const { status, flag, q, bbox, changedSince, side: holder } = parameters.locations.shape;
const { asOf, knownAt, from, to, stance, side, predicate } = parameters.timeline.shape;
const { speaker, party, outlet, url, text } = parameters.statements.shape;
const ofStatements = { speaker, party, outlet, url, text, predicate, stance, from, to, asOf, knownAt };
const filters = {
  log: z.strictObject({}),
  states: z.strictObject({ status, side: holder, flag, q, bbox, changedSince, asOf, knownAt }),
  statements: z.strictObject(ofStatements),
  places: z.strictObject({ status, flag, q, bbox, changedSince }),
  timeline: z.strictObject({ ...ofStatements, side }),
};

interface Text {
  pieces: AsyncIterable<TextChunk>;
  /** How many rows it will have, where that is known. */
  total?: number;
  held: Held;
}

/** `claimline export`. @returns whether all of it was written @throws InvalidArgumentError where options are wrong */
export async function exportTo(
  what: What,
  { schema = false, ...options }: ExportOptions,
  settings: Settings,
): Promise<boolean> {
  const beside = schema ? besideOf(what, options) : undefined;
  const mayReplace = async (file: string) => options.force || isOwnSchema(file);
  if (beside) await requireReplaceable(beside.file, mayReplace).catch(inTheWay);
  const whole = await exportFile(what, options, settings);
  if (whole && beside)
    await writeWhole(beside.file, beside.pieces(), { mayReplace }).catch((error: unknown) =>
      isOfFile(error) ? failWithFile('--schema', beside.file, 'written', error) : inTheWay(error),
    );
  return whole;
}

function inTheWay(error: unknown): never {
  throw error instanceof FileInTheWay
    ? new Error(`${error.message}, and is not an export of the same kind: --force replaces it`, {
        cause: error,
      })
    : error;
}

/** The file with the schema of what is exported, beside it. */
function besideOf(what: What, { output = '-', format }: ExportOptions) {
  const described = SCHEMA_FORMATS.find((one) => one === format);
  if (what === 'log' || !described)
    throw new InvalidArgumentError(
      `--schema goes with ${SCHEMA_FORMATS.join(', ')} of statements, timeline and states` +
        (format === 'parquet' ? ': parquet has its types in the file' : ''),
    );
  if (output === '-')
    throw new InvalidArgumentError('--schema goes with -o <file>: it is written to <file>.schema.json');
  return {
    file: `${output}.schema.json`,
    async *pieces() {
      yield `${JSON.stringify(exportSchema(what, described), null, 2)}\n`;
    },
  };
}

function exportFile(
  what: What,
  { output, force, json, format, exact, delimiter, excel, ...given }: ExportOptions,
  settings: Settings,
): Promise<boolean> {
  if (format !== 'csv' && (delimiter !== undefined || excel))
    throw new InvalidArgumentError(`--${excel ? 'excel' : 'delimiter'} goes with --format csv`);
  if (what !== 'log') {
    const { text, knownAt } = modelText(what, given, { format, exact, delimiter, excel });
    const held: Held = { what: what === 'states' ? 'states' : 'statements', format };
    return withReadModels(settings, {}, (opened, read) =>
      write(what, { output, force, json }, async () => {
        await catchUpModels(opened, read, knownAt);
        return { pieces: text(createQueries(read.models), opened.store.epochs), held };
      }),
    );
  }
  if (format !== 'ndjson') throw new InvalidArgumentError('the log is exported as ndjson');
  rightly(() => parseQuery(filters.log, given));
  return withLog(settings, {}, ({ store }) =>
    write(what, { output, force, json }, async () => ({
      ...(await exportLog(store)),
      held: { what: 'log', storeId: store.id },
    })),
  );
}

interface ModelText {
  text: (queries: QueryExecutor, epochs: Epochs) => AsyncGenerator<TextChunk>;
  knownAt: BitemporalPoint['knownAt'];
}

/** The options are checked before anything is opened. */
function modelText(
  what: Exclude<What, 'log'>,
  { location, ...given }: Filters,
  form: FormatOptions,
): ModelText {
  return rightly((): ModelText => {
    if (what === 'timeline') {
      const [ofPlaces, ofStatements] = split(
        given,
        location === undefined ? Object.keys(filters.places.shape) : [],
      );
      const places =
        location === undefined ? parseQuery(filters.places, ofPlaces) : { id: locationIdOf(location) };
      const filter = parseQuery(filters.timeline, ofStatements);
      return { text: (queries) => exportTimelines(queries, places, filter, form), knownAt: filter.knownAt };
    }
    if (location !== undefined) throw new InvalidArgumentError('--location goes with timeline');
    if (what === 'statements') {
      const filter = parseQuery(filters.statements, given);
      return { text: (queries) => exportStatements(queries, filter, form), knownAt: filter.knownAt };
    }
    const { asOf: stated = null, knownAt: known = null, ...filter } = parseQuery(filters.states, given);
    return {
      text: (queries, epochs) =>
        exportStates(queries, filter, { asOf: stated, knownAt: known }, form, epochs),
      knownAt: known,
    };
  });
}

function rightly<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new InvalidArgumentError(
      error.message.replace(
        /\b(\w+) unknown parameter/g,
        (_, name: string) => `--${dashed(name)} does not go with this export`,
      ),
    );
  }
}

const dashed = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const split = (given: object, names: readonly string[]) =>
  [true, false].map((inside) =>
    Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name) === inside)),
  ) as [object, object];

/** Writes to a file, which is complete or does not exist, or to standard output, until a signal stops it. */
async function write(
  what: What,
  { output = '-', force = false, json = false }: Output,
  text: () => Promise<Text>,
): Promise<boolean> {
  const signal = shutdownSignal();
  let bar: ProgressBar | undefined;
  let rows = 0;
  try {
    const { pieces, total, held } = await text();
    const shown = (bar = progressBar(
      'export',
      what === 'log' ? 'events' : what === 'states' ? 'places' : 'statements',
    ));
    async function* texts() {
      for await (const piece of pieces) {
        signal.throwIfAborted();
        yield piece.text;
        shown.update((rows += piece.rows), total);
      }
    }
    if (output === '-') {
      const whole = await writeThrough(process.stdout, texts(), signal);
      signal.throwIfAborted();
      return whole;
    }
    await writeWhole(output, texts(), {
      // Quotes are other people's words: other users of the machine must not read them.
      mode: what === 'states' ? undefined : 0o600,
      mayReplace: async (file) => force || isOwnFile(file, held),
    });
    shown.end();
    if (json) process.stdout.write(`${JSON.stringify({ what, rows, file: output })}\n`);
    else process.stderr.write(`${rows} rows in ${output}\n`);
    return true;
  } catch (error) {
    bar?.end();
    if (error instanceof FileInTheWay) inTheWay(error);
    if (signal.aborted && output !== '-') process.stderr.write(`${output} was not written\n`);
    throw output !== '-' && isOfFile(error) ? failWithFile('-o', output, 'written', error) : error;
  } finally {
    bar?.end();
  }
}
