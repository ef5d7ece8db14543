import type { Outcome } from '#libs/domain';
import type { Receipt } from './receipt.js';
import type { RecordOptions, Recorder } from './recorder.js';
import type { PartyCheck } from './submission.js';

/** One line of many: its input, or the reason why it cannot be read. */
export interface Item {
  line: number;
  /** The link of the source that identifies the statement, where a line may hold several. */
  link?: string;
  input: Outcome<unknown>;
}

export interface Ingested {
  line: number;
  link?: string;
  outcome: Outcome<Receipt>;
}

const BATCH = 1000;
/** The time that a batch waits for more lines before it is full, in milliseconds. */
const PATIENCE = 100;

/**
 * Records any number of statements, a batch at a time, in constant memory and in order. A refused line stops no other.
 * @returns the outcome of each line, a batch at a time, after that batch is committed
 */
export async function* ingest(
  recorder: Pick<Recorder, 'record'>,
  items: AsyncIterable<Item>,
  {
    dryRun = false,
    batch = BATCH,
    parties,
    traceparent,
  }: {
    dryRun?: boolean;
    batch?: number;
    parties?: PartyCheck | undefined;
    traceparent?: string | undefined;
  } = {},
): AsyncGenerator<Ingested[]> {
  const lines = items[Symbol.asyncIterator]();
  const take = () => {
    const item = lines.next();
    // It may fail while a batch is recorded: the failure is thrown when it is awaited.
    item.catch(() => {});
    return item;
  };
  let next = take();
  for (;;) {
    const waiting: Item[] = [];
    const first = await next;
    if (first.done) return;
    waiting.push(first.value);
    next = take();
    const patience = pause(PATIENCE);
    while (waiting.length < batch) {
      const item = await Promise.race([next, patience.over]);
      if (!item || item.done) break;
      waiting.push(item.value);
      next = take();
    }
    patience.end();
    yield await recordAll(recorder, waiting, { dryRun, parties, traceOf: () => traceparent });
  }
}

function pause(ms: number): { over: Promise<undefined>; end: () => void } {
  let timer: NodeJS.Timeout;
  const over = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), ms)));
  return { over, end: () => clearTimeout(timer) };
}

async function recordAll(
  recorder: Pick<Recorder, 'record'>,
  items: readonly Item[],
  options: RecordOptions,
): Promise<Ingested[]> {
  const readable = items.flatMap(({ input }) => (input.ok ? [input.value] : []));
  const recorded = (await recorder.record(readable, options)).values();
  return items.map(({ input, ...of }) => ({ ...of, outcome: input.ok ? recorded.next().value! : input }));
}
