import { type Epochs, joinTokens, type Signed } from '#libs/domain';
import { TimeSlice } from '#libs/concurrency';
import { recordInBatches, UnknownTally, type CommandExecutor, type RecordOptions } from '#libs/commands';
import { inputLinesOf } from '#libs/transfer';
import type { ApiMetrics } from '../edge/metrics.js';
import { receiptJson } from './receipts.js';
import { problemFrom } from '../edge/refusals.js';

/** At most this many refused lines are answered; further ones are only counted. */
const MAX_REFUSALS_SHOWN = 1000;
const PROGRESS_INTERVAL_LINES = 10_000;
/** The answer goes out in pieces of about this length: a thousand problems are megabytes, and would be encoded at once. */
const PIECE_LENGTH = 64 * 1024;

export interface NdjsonOptions extends Pick<RecordOptions, 'unknownParties'>, Signed {
  dryRun: boolean;
  /** Answers a line for every statement, in order; otherwise for refused ones only. */
  all: boolean;
  /** The trace that the request is part of. */
  traceparent?: string | undefined;
  /** The log, for the epochs of its tokens. */
  log: { readonly epochs: Epochs };
}

/** Records an NDJSON body and reports on it line by line. */
export async function* recordLines(
  commands: CommandExecutor,
  chunks: AsyncIterable<Uint8Array>,
  { dryRun, unknownParties, all, traceparent, signature, log }: NdjsonOptions,
  metrics: ApiMetrics,
): AsyncGenerator<string> {
  let [recorded, duplicates, refused, reported] = [0, 0, 0, 0];
  let token = joinTokens([]);
  const unknown = new UnknownTally();
  const slice = new TimeSlice();
  for await (const batch of recordInBatches(commands, inputLinesOf(chunks), {
    dryRun,
    unknownParties,
    traceparent,
    signature,
  })) {
    let answer = '';
    for (const { line, outcome } of batch) {
      if (outcome.ok) {
        const { value } = outcome;
        if (value.duplicate) duplicates++;
        else recorded++;
        unknown.add(value);
        if (all) answer += `${JSON.stringify({ line, ...receiptJson(value, log.epochs, dryRun) })}\n`;
      } else {
        refused++;
        metrics.refused(outcome.refusal.code);
        if (all || refused <= MAX_REFUSALS_SHOWN)
          answer += `${JSON.stringify({ line, problem: problemFrom(outcome.refusal).body() })}\n`;
      }
      if (answer.length > PIECE_LENGTH) {
        yield answer;
        answer = '';
      }
      if (slice.isOver()) await slice.rest();
    }
    if (!dryRun)
      token = joinTokens([
        token,
        ...batch.flatMap(({ outcome }) =>
          outcome.ok ? [new Map([[outcome.value.shard, outcome.value.position]])] : [],
        ),
      ]);
    const done = recorded + duplicates + refused;
    if (Math.floor(done / PROGRESS_INTERVAL_LINES) > reported) {
      reported = Math.floor(done / PROGRESS_INTERVAL_LINES);
      answer += `${JSON.stringify({ progress: { lines: batch.at(-1)!.line, recorded, duplicates, refused } })}\n`;
    }
    if (answer !== '') yield answer;
  }
  yield `${JSON.stringify({ token: log.epochs.format(token), recorded, duplicates, refused, ...unknown.sum(), ...(dryRun && { dryRun }) })}\n`;
}
