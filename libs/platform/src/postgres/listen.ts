import type pg from 'pg';
import { backoffMs, pause } from '#libs/concurrency';

/** The channel on which the store announces appends, without a payload. */
export const LOG_CHANNEL = 'claimline_log';

export interface ListenOptions {
  signal: AbortSignal;
  /** Called for each lost connection; a new one is opened. */
  onError?: (error: unknown) => void;
}

/**
 * Calls back at each notification of a channel, and after each reconnection, because notifications may have been missed.
 * Keeps one connection of the pool until the signal is aborted. A notification is only a hint: listeners poll as well.
 */
export async function listen(
  pool: pg.Pool,
  channel: string,
  onNotify: () => void,
  { signal, onError }: ListenOptions,
): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    try {
      await listenOnce(pool, channel, () => void (failures = 0), onNotify, signal);
    } catch (error) {
      if (signal.aborted) return;
      onError?.(error);
      await pause(backoffMs(++failures), signal);
    }
  }
}

async function listenOnce(
  pool: pg.Pool,
  channel: string,
  onConnected: () => void,
  onNotify: () => void,
  signal: AbortSignal,
): Promise<void> {
  const client = await pool.connect();
  let lost: (error: Error) => void = () => {};
  const ended = new Promise<never>((_, reject) => (lost = reject));
  ended.catch(() => {});
  client.on('error', lost);
  client.on('end', () => lost(new Error('the connection that listens was closed')));
  client.on('notification', onNotify);
  try {
    await client.query(`listen ${channel}`);
    onConnected();
    onNotify();
    await Promise.race([ended, until(signal)]);
  } finally {
    // Not returned to the pool, where it would continue to listen.
    client.release(true);
  }
}

const until = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
