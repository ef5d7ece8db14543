import {
  EVENT_TYPES,
  formatToken,
  parseToken,
  tokenIn,
  type EventType,
  type PlacedEvent,
  type Token,
} from '#libs/domain';
import { httpEntries } from './http/http-events.js';
import { loaded } from './kafka/kafka-loading.js';
import type { RetryOptions } from './retry-policy.js';
import type { Entry, ReadRequest } from './reading/read-request.js';
import { checkTarget, type KafkaTarget, type Target } from './target.js';

interface ReadOptions<T extends EventType> extends RetryOptions {
  /** The token to resume after: of a reader, or of a write (default: the beginning of the log). */
  after?: string;
  /** Only events of these types. */
  types?: readonly T[];
  /** false: ends where the log ends at the first read (default: waits for new events). */
  follow?: boolean;
  /** Ends the reading, without an error. */
  signal?: AbortSignal;
  /** Over HTTP: how long to wait before the next request, in milliseconds (default 500). */
  pollMs?: number;
}

export type ReadEventsOptions<T extends EventType = EventType> = Target & ReadOptions<T>;

/** The events of the log, in order within each shard, in the newest schema version. `break` and `return()` end it. */
export interface EventReader<T extends EventType = EventType> extends AsyncIterableIterator<PlacedEvent<T>> {
  /**
   * Where to resume after the last event delivered: nothing is left out then, and nothing comes twice. With `types`, all
   * events of these types up to it were delivered.
   */
  readonly token: string;
  return(): Promise<IteratorResult<PlacedEvent<T>, undefined>>;
}

/**
 * Reads the log after a token: over HTTP from the service, over Kafka from the events topic. While they are away it waits.
 * Reading throws EventsMissing, OtherStore, EpochChanged where the log has gone back, and ServiceError where the service will not answer: the token is beyond the log.
 * @throws TypeError where the options are wrong
 */
export function readEvents<T extends EventType = EventType>(options: ReadEventsOptions<T>): EventReader<T> {
  const {
    after = '',
    types,
    follow = true,
    pollMs = 500,
    signal,
    onRetry,
    giveUpAfterMs,
    longestRestMs,
  } = options;
  checkTarget(options);
  const token = parseToken(after);
  if (!token)
    throw new TypeError(
      `after must be a token, shard:position, several joined by commas, but is "${after.slice(0, 100)}"`,
    );
  const unknown = types?.find((type) => !EVENT_TYPES.includes(type));
  if (unknown !== undefined || types?.length === 0)
    throw new TypeError(
      `types must be of ${EVENT_TYPES.join(', ')}${unknown === undefined ? '' : `, but names "${unknown}"`}`,
    );
  const ending = new Ending(signal);
  const request = {
    after: token,
    types,
    follow,
    pollMs,
    signal: ending.signal,
    onRetry,
    giveUpAfterMs,
    longestRestMs,
  };
  return new Reader<T>(
    options.url !== undefined ? httpEntries(options, request) : kafkaEntries(options, request),
    token,
    ending,
  );
}

async function* kafkaEntries(target: KafkaTarget, request: ReadRequest): AsyncGenerator<Entry, undefined> {
  const kafka = await loaded(import('./kafka/kafka-events.js'));
  return yield* kafka.kafkaEntries(target, request);
}

class Reader<T extends EventType> implements EventReader<T> {
  private readonly reached: Map<number, number>;
  private readonly epochs: Map<number, number>;

  constructor(
    private readonly entries: AsyncGenerator<Entry, undefined>,
    after: Token,
    private readonly ending: Ending,
  ) {
    this.reached = new Map(after);
    this.epochs = new Map(after.epochs);
  }

  get token(): string {
    return formatToken(tokenIn(this.reached, this.epochs));
  }

  async next(): Promise<IteratorResult<PlacedEvent<T>, undefined>> {
    try {
      while (!this.ending.signal.aborted) {
        const { done, value } = await this.entries.next();
        if (done) break;
        this.reached.set(value.shard, value.position);
        if (value.epoch !== undefined) this.epochs.set(value.shard, value.epoch);
        if (value.event) return { done: false, value: value.event as PlacedEvent<T> };
      }
    } catch (error) {
      if (!this.ending.signal.aborted) {
        this.ending.end();
        throw error;
      }
    }
    return this.return();
  }

  async return(): Promise<IteratorResult<PlacedEvent<T>, undefined>> {
    // A waiting generator must wake up first: it ends only between two steps.
    this.ending.end();
    await this.entries.return(undefined).catch(() => {});
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Ends a read: by the reader itself, or by a signal from outside, whose listener is removed then. */
class Ending {
  private readonly controller = new AbortController();
  readonly end = () => {
    this.outer?.removeEventListener('abort', this.end);
    this.controller.abort();
  };

  constructor(private readonly outer: AbortSignal | undefined) {
    if (outer?.aborted) this.end();
    else outer?.addEventListener('abort', this.end, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }
}
