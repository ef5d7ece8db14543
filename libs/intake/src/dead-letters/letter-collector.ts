import { setTimeout as sleep } from 'node:timers/promises';
import type { DeadLetters } from './dead-letters.js';

/** The topic is read again after this time, in milliseconds. */
const FRESH_MS = 5000;
/** A reader waits no longer for it; the reading goes on. */
const PATIENCE_MS = 3000;
/** It is given up after this time. */
const TIMEOUT_MS = 60_000;

/** Collects the dead letters for those who look at them: all who come meanwhile share one reading of the topic. */
export class LetterCollector {
  private under: Promise<void> | undefined;
  private collected = -Infinity;

  constructor(
    private readonly letters: Pick<DeadLetters, 'collect'>,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Resolves soon, also while the broker is away: then without its last letters. */
  async freshen(): Promise<void> {
    if (performance.now() - this.collected < FRESH_MS) return;
    this.under ??= this.collect();
    const late = new AbortController();
    await Promise.race([this.under, sleep(PATIENCE_MS, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
  }

  private async collect(): Promise<void> {
    try {
      await this.letters.collect(AbortSignal.timeout(TIMEOUT_MS));
    } catch (error) {
      this.onError(error);
    } finally {
      this.collected = performance.now();
      this.under = undefined;
    }
  }
}
