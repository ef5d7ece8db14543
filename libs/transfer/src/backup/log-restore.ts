import { Restoration, RestoreRefused } from './restoration.js';
import type pg from 'pg';
import { parseHeader, parseLine, type LogLine } from './log-lines.js';

/** A line of the file, counted from 1. */
export interface SourceLine {
  number: number;
  bytes: Uint8Array;
  tooLong?: true;
}

export interface RestoreOptions {
  onProgress?: (done: number, total: number) => void;
  /** Stops it after the present write; begun again it resumes from there. */
  signal?: AbortSignal;
}

export interface Restored {
  storeId: string;
  /** Events written, and events that an earlier run had written. */
  restored: number;
  already: number;
}

const MAX_BATCH = 1000;
/** Quotes make lines long: the buffer also has a limit in bytes. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/**
 * Restores an export of the log into an empty store.
 * @param lines in order; blank ones may be left out
 * @throws Error naming the first faulty line and its fault; the events before it are kept, and the store stays marked
 * @throws the signal's reason, if it was given
 */
export async function restoreLog(
  pool: pg.Pool,
  lines: AsyncIterable<SourceLine>,
  { onProgress, signal }: RestoreOptions = {},
): Promise<Restored> {
  let restoration: Restoration | undefined;
  let [storeId, total, bytes, last] = ['', 0, 0, 0];
  for await (const line of lines) {
    signal?.throwIfAborted();
    last = line.number;
    await at(last, async () => {
      if (line.tooLong) throw new RestoreRefused('is too long');
      if (!restoration) {
        const store = orUnreadable(() => parseHeader(jsonOf(line)));
        restoration = await Restoration.begin(pool, store);
        storeId = store.id;
        total = store.heads.reduce((sum, { position }) => sum + position, 0);
        return;
      }
      const read = orUnreadable((): LogLine => parseLine(jsonOf(line)));
      if (read.kind === 'ruleset') return restoration.ruleset(read.ruleset);
      restoration.take(read.event);
      bytes += line.bytes.length;
      if (restoration.unwritten < MAX_BATCH && bytes < MAX_BATCH_BYTES) return;
      await restoration.flush();
      bytes = 0;
    });
    if (restoration && bytes === 0) onProgress?.(restoration.done.restored + restoration.done.already, total);
  }
  if (!restoration) throw new Error('the file is empty');
  const whole = restoration;
  await at(last, () => whole.finish());
  onProgress?.(total, total);
  return { storeId, ...whole.done };
}

/** Adds the line number to a refusal. */
async function at(line: number, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw error instanceof RestoreRefused
      ? new Error(`line ${line}: ${error.message}`, { cause: error })
      : error;
  }
}

function orUnreadable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new RestoreRefused((error as Error).message);
  }
}

function jsonOf({ bytes }: SourceLine): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new Error(`is not JSON: ${(error as Error).message.slice(0, 200)}`, { cause: error });
  }
}
