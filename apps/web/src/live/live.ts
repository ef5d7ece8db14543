import { computed, effect, signal } from '@preact/signals';
import { isNow, route } from '../address/address.js';
import type { Instant, State } from '../api/answers.js';
import { apiAddress } from '../api/request.js';
import { readSession, signedIn } from '../api/session.js';
import { messagesIn } from './messages.js';

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
/** What tabs say to each other. `hello` asks the one with the connection how it does. */
type Shared =
  { news?: News; token: string } | { connection: Connection; token: string | undefined } | 'missed' | 'hello';

const AGAIN_MS = [500, 1000, 2000, 5000, 10_000];
/** A connection that has lasted for this time was a good one. */
const LASTING_MS = 10_000;
/** The service sends something at least every 15 s; a connection that is silent for longer is dead. */
const SILENCE_MS = 40_000;
const NAME = 'claimline-live';
/** The views whose answer says where the stream is to begin. */
const WITH_TOKEN = new Set(['home', 'embed']);

const listeners = new Set<Listener>();
/** What all tabs have seen: whichever connects next goes on from here. */
const token = signal<string | undefined>(undefined);
/** Whether it is this tab that has the connection. */
let leads = false;

/** Calls a listener with all that is new, until the returned function is called. */
export function onNews(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Goes on after what an answer has shown, unless something has been heard already. */
export function goOnAfter(answered: string): void {
  if (token.peek() === undefined) token.value = answered;
}

const channel = new BroadcastChannel(NAME);
channel.onmessage = ({ data }: MessageEvent<Shared>) => take(data);
// Without TLS other machines give no locks: each tab has a connection of its own then.
const isShared = 'locks' in navigator;

function take(shared: Shared): void {
  if (shared === 'missed') missed.value++;
  else if (shared === 'hello') {
    // Somebody may have signed in or out there.
    void readSession();
    if (leads) say({ connection: connection.peek(), token: token.peek() });
  } else {
    token.value = shared.token ?? token.peek();
    if ('connection' in shared) {
      // It may be the session that has ended.
      if (shared.connection === 'connecting') void readSession();
      if (connection.peek() !== 'off') connection.value = shared.connection;
    } else if (shared.news !== undefined) for (const listener of listeners) listener(shared.news);
  }
}

function say(shared: Shared): void {
  if (isShared) channel.postMessage(shared);
}

function tell(shared: Shared): void {
  take(shared);
  say(shared);
}

/** Keeps one connection for all tabs of a browser: the tab that holds the lock has it, and tells the others. */
export function stayLive(): void {
  const visible = signal(document.visibilityState === 'visible');
  document.addEventListener(
    'visibilitychange',
    () => (visible.value = document.visibilityState === 'visible'),
  );
  // Other views ask again once the stream has begun.
  const mayBegin = computed(() => token.value !== undefined || !WITH_TOKEN.has(route.value.view));
  effect(() => {
    void signedIn.value;
    const isOn = visible.value && isNow.value;
    connection.value = isOn ? 'connecting' : 'off';
    if (visible.value) {
      void readSession();
      say('hello');
    }
    if (!isOn || !mayBegin.value) return;
    const ended = new AbortController();
    const lead = () => followOn(ended.signal);
    const led = isShared ? navigator.locks.request(NAME, { signal: ended.signal }, lead) : lead();
    void Promise.resolve(led).catch(() => {});
    return () => ended.abort();
  });
}

/** Follows the stream, again after every outage, until the signal is aborted. */
async function followOn(ended: AbortSignal): Promise<void> {
  leads = true;
  for (let tries = 0; !ended.aborted; tries++) {
    const began = Date.now();
    await follow(ended).catch(() => {});
    if (ended.aborted) break;
    tell({ connection: 'connecting', token: token.peek() });
    if (Date.now() - began > LASTING_MS) tries = 0;
    await new Promise<void>((resolve) => {
      setTimeout(resolve, AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)]);
      ended.addEventListener('abort', () => resolve());
    });
  }
  leads = false;
}

/**
 * Reads one connection to its end. An EventSource would not do: it ends for good after a 503, and tells its page nothing of
 * the messages that only say that the connection is alive.
 */
async function follow(ended: AbortSignal): Promise<void> {
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), SILENCE_MS);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silent.abort(), SILENCE_MS);
  };
  try {
    const response = await fetch(apiAddress('v1/stream', { after: token.peek() }), {
      headers: { accept: 'text/event-stream' },
      credentials: 'same-origin',
      signal: AbortSignal.any([ended, silent.signal]),
    });
    if (!response.ok) return await refused(response);
    // What was answered before the stream begins may be older than its beginning.
    if (token.peek() === undefined) tell('missed');
    tell({ connection: 'live', token: token.peek() });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ''; ;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      const { messages, rest } = messagesIn(text + value);
      text = rest;
      for (const { id, event, data = '{}' } of messages) {
        const said = JSON.parse(data) as unknown;
        const at = id ?? token.peek() ?? '';
        if (event === 'state') tell({ news: { kind: 'state', state: said as State }, token: at });
        else if (event === 'claim') tell({ news: { kind: 'claim', claim: said as LiveClaim }, token: at });
        else if (event === undefined) tell({ token: at });
        // Without a shard that cannot be read the stream goes on.
        else if (!(said as { unreadable?: unknown }).unreadable) return problem(said as { token?: string });
      }
    }
  } finally {
    silent.abort();
    clearTimeout(timer);
  }
}

/** The store has gone back behind the token, or is another one: what is shown may be wrong. */
async function refused(response: Response): Promise<void> {
  if (response.status !== 409 && response.status !== 422) return;
  problem((await response.json().catch(() => ({}))) as { token?: string }, true);
}

function problem({ token: next }: { token?: string }, isRefused = false): void {
  if (next === undefined && !isRefused) return;
  token.value = next;
  tell('missed');
}
