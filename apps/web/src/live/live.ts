import { effect, signal } from '@preact/signals';
import { isNow } from '../address/address.js';
import type { Instant, State } from '../api/answers.js';
import { apiAddress } from '../api/request.js';
import { signedIn } from '../api/session.js';

/** What is said of a place, as the stream brings it. */
export interface LiveClaim {
  statementId: string;
  locationId: string;
  place: { id: string; name: string };
  recordedAt: Instant;
}

/** A claim once, and the present state of each place that it touched. */
export type News = { kind: 'state'; state: State } | { kind: 'claim'; claim: LiveClaim };

/** How the page hears of news: not at all while it looks at the past or is hidden. */
export type Connection = 'off' | 'connecting' | 'live';
export const connection = signal<Connection>('off');

/** Grows when news may have been missed, so that everything shown is asked for again. */
export const missed = signal(0);

type Listener = (news: News) => void;
type Shared = { news: News; token: string } | { token: string } | { connection: Connection } | 'missed';

const AGAIN_MS = [500, 1000, 2000, 5000, 10_000];
/** The service sends something at least every 15 s; a connection that is silent for longer is dead. */
const SILENCE_MS = 40_000;
const NAME = 'claimline-live';

const listeners = new Set<Listener>();
/** What all tabs have seen: whichever connects next goes on from here. */
let token: string | undefined;

/** Calls a listener with all that is new, until the returned function is called. */
export function onNews(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Goes on after what an answer has shown, unless something has been heard already. */
export const goOnAfter = (answered: string): void => void (token ??= answered);

const channel = new BroadcastChannel(NAME);
channel.onmessage = ({ data }: MessageEvent<Shared>) => take(data);

function take(shared: Shared): void {
  if (shared === 'missed') missed.value++;
  else if ('connection' in shared) {
    if (connection.value !== 'off') connection.value = shared.connection;
  } else {
    token = shared.token;
    if ('news' in shared) for (const listener of listeners) listener(shared.news);
  }
}

function tell(shared: Shared): void {
  take(shared);
  channel.postMessage(shared);
}

/** Keeps one connection for all tabs of a browser: the tab that holds the lock has it, and tells the others. */
export function stayLive(): void {
  const visible = signal(document.visibilityState === 'visible');
  document.addEventListener(
    'visibilitychange',
    () => (visible.value = document.visibilityState === 'visible'),
  );
  effect(() => {
    void signedIn.value;
    if (!visible.value || !isNow.value) return;
    const ended = new AbortController();
    connection.value = 'connecting';
    const lead = () => followOn(ended.signal);
    // Without TLS other machines give no locks: each tab has a connection of its own then.
    const led = 'locks' in navigator ? navigator.locks.request(NAME, { signal: ended.signal }, lead) : lead();
    void Promise.resolve(led).catch(() => {});
    return () => {
      ended.abort();
      connection.value = 'off';
    };
  });
}

/** Follows the stream, again after every outage, until the signal is aborted. */
async function followOn(ended: AbortSignal): Promise<void> {
  for (let tries = 0; !ended.aborted; tries++) {
    await follow(ended, () => (tries = -1)).catch(() => {});
    if (ended.aborted) return;
    tell({ connection: 'connecting' });
    await new Promise((resolve) =>
      setTimeout(resolve, AGAIN_MS[Math.max(0, Math.min(tries, AGAIN_MS.length - 1))]),
    );
  }
}

/**
 * Reads one connection to its end. An EventSource would not do: it ends for good after a 503, and tells its page nothing of
 * the messages that only say that the connection is alive.
 */
async function follow(ended: AbortSignal, onOpen: () => void): Promise<void> {
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), SILENCE_MS);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silent.abort(), SILENCE_MS);
  };
  try {
    const response = await fetch(apiAddress('v1/stream', { after: token }), {
      headers: { accept: 'text/event-stream' },
      credentials: 'same-origin',
      signal: AbortSignal.any([ended, silent.signal]),
    });
    if (!response.ok) return await refused(response);
    onOpen();
    tell({ connection: 'live' });
    const { EventSourceParserStream } = await import('eventsource-parser/stream');
    const pieces = response
      .body!.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(piece, controller) {
            heard();
            controller.enqueue(piece);
          },
        }),
      )
      .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
      .pipeThrough(new EventSourceParserStream());
    const reader = pieces.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const id = value.id ?? token ?? '';
      if (value.event === 'state')
        tell({ news: { kind: 'state', state: JSON.parse(value.data) as State }, token: id });
      else if (value.event === 'claim')
        tell({ news: { kind: 'claim', claim: JSON.parse(value.data) as LiveClaim }, token: id });
      else if (value.event === 'problem') return problem(JSON.parse(value.data) as { token?: string });
    }
  } finally {
    silent.abort();
    clearTimeout(timer);
  }
}

/** The store has gone back behind the token, or is another one: what is shown may be wrong. */
async function refused(response: Response): Promise<void> {
  if (response.status !== 409 && response.status !== 422) return;
  const { token: next } = (await response.json().catch(() => ({}))) as { token?: string };
  token = next;
  tell('missed');
}

function problem({ token: next }: { token?: string }): void {
  if (next === undefined) return;
  token = next;
  tell('missed');
}
