import { timingSafeEqual } from 'node:crypto';
import { WakeupSignal } from '#libs/concurrency';
import { listen } from '#libs/platform';
import type pg from 'pg';
import type { Caller } from './caller.js';
import type { KeyFinder } from './key-finder.js';
import { parseKey } from './key-text.js';
import { KEYS_CHANNEL, type Keys, type KeyState, type LoadedKey } from './keys.js';

/** Nothing is decided by keys that were read longer ago. */
const MAX_AGE_MS = 1000;
const POLL_MS = 400;
const WRITE_USES_MS = 30_000;

/** Why a text is not the key of a caller. An ended key is told from an unknown one only to who has its secret. */
export type KeyFault = 'unknown' | Exclude<KeyState, 'active'>;

interface LoadedSecret {
  hash: Buffer;
  /** The same object as long as nothing of the key changes: what was begun for it may go on. */
  caller: Caller;
}

/**
 * The keys of the store in memory, so that no request asks the database. Changes come by NOTIFY, and by reading all of them
 * every 0.4 s. Where a reading is more than a second ago, because the database or the process was slow, `isCurrent` is false,
 * and who has to decide waits for `current`.
 */
export class KeyRing implements KeyFinder {
  private keys = new Map<string, { state: KeyState; secrets: LoadedSecret[] }>();
  private callers: ReadonlySet<Caller> = new Set();
  /** Keys that came since the last reading, so that each is hashed once in that time: a hash costs a tenth of a GET. */
  private verified = new Map<string, Caller>();
  private uses = new Map<string, number>();
  private readAt = -Infinity;
  private reading: Promise<void> | undefined;
  private readonly listeners: (() => void)[] = [];

  constructor(private readonly store: Pick<Keys, 'load' | 'recordUses'>) {}

  /** Whether no key was ever made: ended ones count, so that the end of the last key opens nothing. */
  get isEmpty(): boolean {
    return this.keys.size === 0;
  }

  get isCurrent(): boolean {
    return performance.now() - this.readAt < MAX_AGE_MS;
  }

  /** Reads all keys, or waits for a reading under way. @throws where the database does not answer */
  current(): Promise<void> {
    return (this.reading ??= this.read().finally(() => (this.reading = undefined)));
  }

  /** Reads all keys, with every change until now. @throws where the database does not answer */
  async refresh(): Promise<void> {
    await this.reading?.catch(() => {});
    await this.current();
  }

  /** Calls back after each reading. */
  onRead(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** The holder of a key. */
  find(text: string): Caller | KeyFault {
    const verified = this.verified.get(text);
    if (verified) {
      this.uses.set(verified.id!, Date.now());
      return verified;
    }
    const given = parseKey(text);
    if (!given) return 'unknown';
    const key = this.keys.get(given.id);
    const secret = key?.secrets.find(({ hash }) => timingSafeEqual(hash, given.hash));
    if (!key || !secret) return 'unknown';
    if (key.state !== 'active') return key.state;
    this.uses.set(given.id, Date.now());
    this.verified.set(text, secret.caller);
    return secret.caller;
  }

  holderOf(text: string): Caller | undefined {
    const found = this.find(text);
    return typeof found === 'string' ? undefined : found;
  }

  holder(id: string): Caller | undefined {
    const key = this.keys.get(id);
    return key?.state === 'active' ? key.secrets[0]!.caller : undefined;
  }

  /** Whether the key by which a caller came in still works, with the same secret and the same roles. */
  holds(caller: Caller): boolean {
    return this.callers.has(caller);
  }

  /** Keeps up with the store until the signal is aborted. @param pool keeps one of its connections */
  async follow(pool: pg.Pool, signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
    const wakeup = new WakeupSignal();
    const listening = listen(pool, KEYS_CHANNEL, () => wakeup.notify(), { signal, onError });
    let writtenAt = performance.now();
    const attempt = (work: () => Promise<void>) => work().catch(onError);
    while (!signal.aborted) {
      await wakeup.wait(POLL_MS, signal);
      wakeup.clear();
      await attempt(() => this.refresh());
      if (performance.now() - writtenAt < WRITE_USES_MS) continue;
      writtenAt = performance.now();
      await attempt(() => this.writeUses());
    }
    await listening;
    await attempt(() => this.writeUses());
  }

  private async writeUses(): Promise<void> {
    if (this.uses.size === 0) return;
    const uses = this.uses;
    this.uses = new Map();
    try {
      await this.store.recordUses(uses);
    } catch (error) {
      this.uses = new Map([...uses, ...this.uses]);
      throw error;
    }
  }

  private async read(): Promise<void> {
    const begun = performance.now();
    const rows = await this.store.load();
    const before = this.keys;
    this.verified = new Map();
    this.keys = new Map(
      rows.map((row) => [
        row.id,
        {
          state: row.state,
          secrets: hashesOf(row).map((hash) => ({
            hash,
            caller:
              before.get(row.id)?.secrets.find((one) => one.hash.equals(hash) && isOf(one.caller, row))
                ?.caller ?? callerOf(row),
          })),
        },
      ]),
    );
    this.callers = new Set(
      [...this.keys.values()].flatMap(({ state, secrets }) =>
        state === 'active' ? secrets.map(({ caller }) => caller) : [],
      ),
    );
    this.readAt = begun;
    for (const listener of this.listeners) listener();
  }
}

const hashesOf = ({ hash, formerHash }: LoadedKey): Buffer[] => (formerHash ? [hash, formerHash] : [hash]);

const callerOf = ({ id, name, roles }: LoadedKey): Caller => ({ kind: 'key', id, name, roles });

const isOf = (caller: Caller, { name, roles }: LoadedKey): boolean =>
  caller.name === name && caller.roles.join() === roles.join();
