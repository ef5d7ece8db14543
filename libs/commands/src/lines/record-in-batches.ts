import type { Result, Signed } from '#libs/domain';
import type { Receipt } from '#libs/log';
import type { CommandExecutor } from '../command.js';
import { RecordStatements, type RecordOptions } from '../record-statements.js';

/** One line of many: its input, or the reason why it cannot be read. */
export interface InputLine {
  line: number;
  /** The link of the source that identifies the statement, where a line may hold several. */
  link?: string;
  input: Result<unknown>;
}

export interface LineResult {
  line: number;
  link?: string;
  outcome: Result<Receipt>;
}

const MAX_BATCH = 1000;
/** The time that a batch waits for more lines before it is full, in milliseconds. */
const MAX_WAIT_MS = 100;

/**
 * Records any number of statements, a batch at a time, in constant memory and in order. A refused line stops no other.
 * @returns the outcome of each line, a batch at a time, after that batch is committed
 */
export async function* recordInBatches(
  commands: CommandExecutor,
  items: AsyncIterable<InputLine>,
  {
    dryRun = false,
    batch = MAX_BATCH,
    unknownParties,
    traceparent,
    signature,
  }: Omit<RecordOptions, 'traceOf' | 'signatureOf'> & {
    batch?: number;
    traceparent?: string | undefined;
  } & Signed = {},
): AsyncGenerator<LineResult[]> {
  const lines = items[Symbol.asyncIterator]();
  const take = () => {
    const item = lines.next();
    // It may fail while a batch is recorded: the failure is thrown when it is awaited.
    item.catch(() => {});
    return item;
  };
  let next = take();
  for (;;) {
    const waiting: InputLine[] = [];
    const first = await next;
    if (first.done) return;
    waiting.push(first.value);
    next = take();
    const timeout = pause(MAX_WAIT_MS);
    while (waiting.length < batch) {
      const item = await Promise.race([next, timeout.over]);
      if (!item || item.done) break;
      waiting.push(item.value);
      next = take();
    }
    timeout.end();
    yield await recordAll(commands, waiting, {
      dryRun,
      unknownParties,
      traceOf: () => traceparent,
      signatureOf: () => signature,
    });
  }
}

function pause(ms: number): { over: Promise<undefined>; end: () => void } {
  let timer: NodeJS.Timeout;
  const over = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), ms)));
  return { over, end: () => clearTimeout(timer) };
}

async function recordAll(
  commands: CommandExecutor,
  items: readonly InputLine[],
  options: RecordOptions,
): Promise<LineResult[]> {
  const readable = items.flatMap(({ input }) => (input.ok ? [input.value] : []));
  const recorded = (await commands.execute(new RecordStatements(readable, options))).values();
  return items.map(({ input, ...of }) => ({ ...of, outcome: input.ok ? recorded.next().value! : input }));
}
