import {
  eventAt,
  formatToken,
  parseToken,
  tokenIn,
  type PlacedEvent,
  type RecordedEvent,
  type Token,
} from '#libs/domain';
import { askForJson, HttpExchange, NoAnswer, isTransient, problemOf } from './http-exchange.js';
import { ServiceError } from '../errors.js';
import { RetryPolicy, pause, withRetry } from '../retry-policy.js';
import { Positions } from '../reading/positions.js';
import type { Entry, ReadRequest } from '../reading/read-request.js';
import type { HttpTarget } from '../target.js';

/** Asks for a last line that confirms a complete answer. */
const NDJSON = 'application/x-ndjson; end=token';
/** The pause before an answer that was cut short is requested again, in milliseconds. */
const RETRY_MS = 50;

/** The events after a token over HTTP: one answer after the other, each up to where the log ends then. */
export async function* httpEntries(
  target: HttpTarget,
  request: ReadRequest,
): AsyncGenerator<Entry, undefined> {
  const { after, types, follow, pollMs, signal } = request;
  // Who follows gets the other shards meanwhile, and is told of each attempt; who does not would wait for ever.
  const retry = {
    ...request,
    isTransient: (error: unknown) => isTransient(error) && (request.follow || !isUnreadable(error)),
  };
  const policy = new RetryPolicy(retry);
  const positions = new Positions(after, types === undefined);
  let interrupted = false;
  const heads = follow ? undefined : await withRetry(() => headsOf(target, signal), retry);
  for (;;) {
    try {
      const answer = await eventsOf(
        target,
        pathAfter(interrupted ? positions.overlapping : positions.token, request),
        signal,
      );
      for await (const event of answer.events) {
        policy.recovered();
        const { shard, position, epoch } = event;
        if ((heads && position > (heads.get(shard) ?? 0)) || !positions.take(event)) continue;
        yield { shard, position, epoch, event };
      }
      if (types) {
        // An answer that was cut short may look complete: fetch takes the close of the connection for its end.
        const { announced } = answer;
        const end =
          answer.end() ??
          (announced.size > 0 && !(await hasMore(target, announced, positions, request))
            ? announced
            : undefined);
        yield* positions.pass(within(end, heads));
      }
      if (heads && (positions.reach(heads) || (types && !(await hasMore(target, heads, positions, request)))))
        return;
      policy.recovered();
      interrupted = false;
    } catch (error) {
      interrupted = true;
      await policy.backOff(error);
      continue;
    }
    await pause(follow ? pollMs : RETRY_MS, signal);
  }
}

const isUnreadable = (error: unknown): boolean =>
  error instanceof ServiceError && error.code === 'event-unreadable';

const pathAfter = (token: Token, { types }: ReadRequest, limit?: number) => {
  const query = new URLSearchParams({
    after: formatToken(token),
    ...(types && { types: types.join(',') }),
    ...(limit && { limit: String(limit) }),
  });
  return `/v1/events?${query.toString()}`;
};

/** The end of the log, by shard. */
async function headsOf(target: HttpTarget, signal: AbortSignal): Promise<Token> {
  const { items } = (await askForJson(target, { path: '/v1/projections' }, signal)) as {
    items: { shard: number; head: number }[];
  };
  return new Map(items.map(({ shard, head }) => [shard, head]));
}

const within = (token: Token = new Map(), bound?: Token): Token =>
  bound
    ? tokenIn(
        new Map([...token].map(([shard, position]) => [shard, Math.min(position, bound.get(shard) ?? 0)])),
        token.epochs ?? new Map(),
      )
    : token;

/** Whether an event of the wanted types is left before a token. */
async function hasMore(
  target: HttpTarget,
  before: Token,
  { token }: Positions,
  request: ReadRequest,
): Promise<boolean> {
  const { items } = (await askForJson(target, { path: pathAfter(token, request, 1) }, request.signal)) as {
    items: RecordedEvent[];
  };
  return items.some(({ shard, position }) => position <= (before.get(shard) ?? 0));
}

/** One answer. */
interface Answer {
  events: AsyncGenerator<PlacedEvent>;
  /** The token at its end, as a header announces it; empty where the service does not announce it. */
  announced: Token;
  /** The token at its end, once it is read; undefined where the end did not come. */
  end: () => Token | undefined;
}

async function eventsOf(target: HttpTarget, path: string, signal: AbortSignal): Promise<Answer> {
  const exchange = new HttpExchange(target, signal);
  let end: Token | undefined;
  try {
    const { body, headers } = await exchange.open({ path, accept: NDJSON });
    return {
      events: eventsIn(exchange, path, body!, (token) => (end = token)),
      announced: parseToken(headers.get('replay-to') ?? '') ?? new Map(),
      end: () => end,
    };
  } catch (error) {
    exchange.end();
    throw error;
  }
}

/** @throws ServiceError, also where the service breaks off before the end, or leaves out a shard with an unreadable event */
async function* eventsIn(
  exchange: HttpExchange,
  path: string,
  body: ReadableStream<Uint8Array>,
  onEnd: (token: Token) => void,
): AsyncGenerator<PlacedEvent> {
  for await (const line of linesOf(exchange, path, body)) {
    const {
      problem,
      token,
      chain: _chain,
      ...event
    } = JSON.parse(line) as RecordedEvent & { problem?: { status: number }; token?: string };
    if (problem) throw problemOf(problem.status, JSON.stringify(problem), `GET ${path}`);
    if (token !== undefined) return onEnd(parseToken(token) ?? new Map());
    const { shard, position, recordedAt, digest, epoch } = event;
    yield eventAt(event, { shard, position, recordedAt, digest, ...(epoch !== undefined && { epoch }) });
  }
}

async function* linesOf(
  exchange: HttpExchange,
  path: string,
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<string> {
  try {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value = '' } = await exchange.timed(() => reader.read());
      if (done) break;
      const lines = (rest + value).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
    if (rest !== '') throw new NoAnswer(path, new Error('the answer broke off'));
  } finally {
    exchange.end();
  }
}
