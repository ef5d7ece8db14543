import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InvalidArgumentError } from 'commander';
import { type EventType, type Token, type UnreadableEvent, UnreadableShards } from '#libs/domain';
import type { EventStore, RangeBound, LogRange } from '#libs/log';
import { failWithFile, isOfFile, SettingsError, type Settings } from '#libs/platform';
import {
  faultOfBound,
  jobBroker,
  RangeProgress,
  PublishJobHandler,
  publishSpec,
  JobWorker,
  type Speed,
} from '#libs/jobs';
import { replayLines } from '#libs/transfer';
import { progressBar, type ProgressBar } from './progress-bar.js';
import { reachedIn } from './resumed-file.js';
import { type OpenedLog, withLog } from './with-log.js';

export interface ReplayLogOptions {
  toTopic?: string;
  out?: string;
  from?: RangeBound;
  to?: RangeBound;
  location?: string[];
  type?: EventType[];
  speed?: Speed;
  after?: Token;
  /** Continues the file at its end. */
  resume?: boolean;
  json?: boolean;
}

interface Replayed {
  /** Undefined where it was stopped. */
  said?: string;
  token: string;
  events: number | null;
  replayId?: string;
}

/**
 * `claimline replay`: replays a range of the history to a topic or a file.
 * @throws the signal's reason, after it has written the token to resume at
 */
export async function replayLog(
  options: ReplayLogOptions,
  settings: Settings,
  signal: AbortSignal,
): Promise<void> {
  const { toTopic, out, json = false } = options;
  if ((toTopic === undefined) === (out === undefined))
    throw new InvalidArgumentError('name where to replay to: either --to-topic or --out');
  if (options.resume && (out === undefined || out === '-' || options.after))
    throw new InvalidArgumentError(
      '--resume continues the file of --out at its end: it needs a file there, and no --after',
    );
  if (toTopic !== undefined && !settings.kafka)
    throw new SettingsError('A setting is wrong:\n  KAFKA_BROKERS is needed to replay to a topic');
  const bar = progressBar('replay', options.location || options.type ? 'positions' : 'events');
  await withLog(settings, { level: 'error', signal }, async (opened) => {
    for (const edge of ['after', 'from', 'to'] as const) {
      const fault = await faultOfBound(opened.store, options[edge]);
      if (fault) throw new InvalidArgumentError(`--${edge} ${fault}`);
    }
    const replayed =
      toTopic !== undefined
        ? await toATopic(opened, toTopic, options, settings, bar, signal)
        : await toAFile(opened, out!, options, bar, signal);
    bar.end();
    const { said = `stopped; to resume: --after ${replayed.token}`, ...told } = replayed;
    // Standard output may hold the events.
    (out === '-' ? process.stderr : process.stdout).write(
      json ? `${JSON.stringify({ ...told, done: replayed.said !== undefined })}\n` : `${said}\n`,
    );
    if (replayed.said === undefined) throw signal.reason;
  }).finally(() => bar.end());
}

const wantedOf = ({ after, from, to, location, type }: ReplayLogOptions) => ({
  after,
  from,
  to,
  locations: location,
  types: type,
});

/**
 * A run like any other: it is listed and can be cancelled, and a service on the same database resumes it if this process
 * dies.
 */
async function toATopic(
  { store, pools, log }: OpenedLog,
  topic: string,
  options: ReplayLogOptions,
  settings: Settings,
  bar: ProgressBar,
  signal: AbortSignal,
): Promise<Replayed> {
  const onError = (error: unknown) =>
    void process.stderr.write(`waiting for the broker (KAFKA_BROKERS): ${(error as Error).message}\n`);
  const worker = new JobWorker(pools.open('replay', 3, 0), [
    new PublishJobHandler(store, jobBroker(settings, log), onError),
  ]);
  const spec = await publishSpec(store, topic, wantedOf(options), options.speed);
  const { id, state, cursor, result, error } = await worker.runNow('publish', spec, {
    signal,
    onReach: ({ done, total }) => bar.update(done, total ?? undefined),
  });
  if (state === 'failed') throw new Error(error ?? 'the run has failed');
  if (state !== 'done') return { token: cursor ?? spec.after, events: null, replayId: id };
  const { messages } = result as { messages: number };
  return {
    said: `${messages} messages sent to ${topic} by run ${id}, up to ${spec.to}`,
    token: spec.to,
    events: messages,
    replayId: id,
  };
}

async function toAFile(
  { store }: OpenedLog,
  file: string,
  options: ReplayLogOptions,
  bar: ProgressBar,
  signal: AbortSignal,
): Promise<Replayed> {
  const { locations, ...wanted } = wantedOf(options);
  const reached = options.resume ? await reachedIn(file) : options.after;
  const fault = await faultOfBound(store, reached);
  if (fault) throw new Error(`${file} is of another log: it ${fault}`);
  const range = await store.range({ ...wanted, after: reached, streams: locations });
  const written: Written = { events: 0, progress: new RangeProgress(range), unreadable: [] };
  const target =
    file === '-' ? process.stdout : createWriteStream(file, { flags: reached ? 'a' : 'wx', mode: 0o600 });
  // The signal ends the lines, not the stream: so the file ends with a whole line, the one that is reported.
  await pipeline(
    Readable.from(texts(store, range, options.speed, written, bar, signal), {
      objectMode: true,
      highWaterMark: 1,
    }),
    target,
  ).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new Error(`${file} is there already; --resume continues it`);
    throw isOfFile(error) ? failWithFile('--out', file, 'written', error) : error;
  });
  const { events, progress, unreadable } = written;
  const token = store.epochs.format(progress.token);
  if (unreadable.length > 0 && !signal.aborted)
    throw new Error(
      `${new UnreadableShards(unreadable).message}; ${events} other events are written` +
        `; to resume: ${file === '-' ? `--after ${token}` : '--resume'}`,
    );
  if (progress.done < progress.total) return { token, events };
  return {
    said: `${events} events written${file === '-' ? '' : ` to ${file}`}, up to ${token}`,
    token,
    events,
  };
}

interface Written {
  events: number;
  progress: RangeProgress;
  /** The first unreadable event of each shard: what is after it is not written. */
  unreadable: UnreadableEvent[];
}

async function* texts(
  store: EventStore,
  range: LogRange,
  speed: Speed | undefined,
  written: Written,
  bar: ProgressBar,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const onUnreadable = (event: UnreadableEvent) => written.unreadable.push(event);
  for await (const { text, events, progress } of replayLines(store, range, { speed, onUnreadable }, signal)) {
    yield text;
    written.events += events;
    written.progress = progress;
    bar.update(progress.done, progress.total);
  }
}
