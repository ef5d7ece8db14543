import { formatToken, upcast, type PlacedEvent, type RecordedEvent, type Token } from '#libs/domain';
import { askForJson, HttpExchange, NoAnswer, passes, problemOf } from './http-exchange.js';
import { Patience, pause, persist } from './patience.js';
import { Positions } from './positions.js';
import type { Entry, Reading } from './reading.js';
import type { HttpTarget } from './target.js';

const NDJSON = 'application/x-ndjson';
/** Before an answer that was cut short is asked for again, in milliseconds. */
const AGAIN_MS = 50;

/** The events after a token over HTTP: one answer after the other, each up to where the log ends then. */
export async function* httpEntries(target: HttpTarget, reading: Reading): AsyncGenerator<Entry, undefined> {
  const { after, types, follow, pollMs, signal } = reading;
  const retry = { ...reading, passes };
  const patience = new Patience(retry);
  const positions = new Positions(after, types === undefined);
  const heads = follow ? undefined : await persist(() => headsOf(target, signal), retry);
  for (;;) {
    try {
      for await (const event of eventsOf(target, pathAfter(positions.token, reading), signal)) {
        patience.recovered();
        const { shard, position } = event;
        if ((heads && position > (heads.get(shard) ?? 0)) || !positions.take(shard, position)) continue;
        yield { shard, position, event };
      }
      // A service that stops ends its answer early, and does not say so.
      if (heads && (positions.reach(heads) || (types && !(await hasMore(target, heads, positions, reading))))) return;
      patience.recovered();
    } catch (error) {
      await patience.rest(error);
      continue;
    }
    await pause(follow ? pollMs : AGAIN_MS, signal);
  }
}

const pathAfter = (token: Token, { types }: Reading, limit?: number) =>
  `/v1/events?${new URLSearchParams({ after: formatToken(token), ...(types && { types: types.join(',') }), ...(limit && { limit: String(limit) }) }).toString()}`;

/** The end of the log, by shard. */
async function headsOf(target: HttpTarget, signal: AbortSignal): Promise<Token> {
  const { items } = (await askForJson(target, { path: '/v1/projections' }, signal)) as { items: { shard: number; head: number }[] };
  return new Map(items.map(({ shard, head }) => [shard, head]));
}

/** Whether an event that was asked for is left before the heads. */
async function hasMore(target: HttpTarget, heads: Token, { token }: Positions, reading: Reading): Promise<boolean> {
  const { items } = (await askForJson(target, { path: pathAfter(token, reading, 1) }, reading.signal)) as { items: RecordedEvent[] };
  return items.some(({ shard, position }) => position <= (heads.get(shard) ?? 0));
}

/** The events of one answer. @throws ServiceError, also where the service breaks off in the midst of it */
async function* eventsOf(target: HttpTarget, path: string, signal: AbortSignal): AsyncGenerator<PlacedEvent> {
  for await (const line of linesOf(target, path, signal)) {
    const { problem, chain: _chain, ...event } = JSON.parse(line) as RecordedEvent & { problem?: { status: number } };
    if (problem) throw problemOf(problem.status, JSON.stringify(problem), `GET ${path}`);
    const { shard, position, recordedAt, digest } = event;
    yield Object.assign(upcast(event), { shard, position, recordedAt, digest });
  }
}

async function* linesOf(target: HttpTarget, path: string, signal: AbortSignal): AsyncGenerator<string> {
  const exchange = new HttpExchange(target, signal);
  try {
    const { body } = await exchange.open({ path, accept: NDJSON });
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
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
