import { setTimeout as sleep } from 'node:timers/promises';
import { isStorageFault, Problem, problemOf, type Settings } from '#libs/platform';
import { mayAct, ROLES, type Caller } from './caller.js';
import type { KeyRing } from './key-ring.js';
import type { Need } from './needs.js';
import { keyMissing, roleMissing } from './refusals.js';

/** What is open to those who show no key. */
export const OPENNESS = ['everything', 'reading', 'nothing'] as const;
export type Openness = (typeof OPENNESS)[number];

/** Those who show no key. Keys are never theirs: whoever came by an open service would keep one. */
const ANYONE: Record<Openness, Caller> = {
  everything: { kind: 'anyone', roles: ROLES.filter((role) => role !== 'admin') },
  reading: { kind: 'anyone', roles: ['read'] },
  nothing: { kind: 'anyone', roles: [] },
};

/** How long a request waits for keys, in milliseconds. */
const MAX_WAIT_MS = 4000;

async function tooLate(): Promise<never> {
  await sleep(MAX_WAIT_MS, undefined, { ref: false });
  throw new Error(`keys were not read within ${MAX_WAIT_MS} ms`);
}

/** Who may do what in this process, now. */
export class Access {
  /**
   * @param setting OPEN
   * @param isLoopback whether only this machine reaches the service
   */
  constructor(
    private readonly ring: KeyRing,
    private readonly setting: Settings['open'],
    readonly isLoopback: boolean,
  ) {}

  get hasKeys(): boolean {
    return !this.ring.isEmpty;
  }

  get isSetOpen(): boolean {
    return this.setting !== undefined;
  }

  /** What is open: as OPEN says; without it everything on a loopback address until the first key is made. */
  get open(): Openness {
    if (this.setting !== undefined) return this.setting === 'all' ? 'everything' : 'reading';
    return this.isLoopback && this.ring.isEmpty ? 'everything' : 'nothing';
  }

  /** The caller of a request without a key. */
  get anyone(): Caller {
    return ANYONE[this.open];
  }

  /** Whether decisions rest on keys that were read within the last second; if not, wait for `refresh`. */
  get isCurrent(): boolean {
    return this.ring.isCurrent;
  }

  /** @throws Problem 503 `store-unavailable`; `store-full` and the like where the disk of the database is the reason */
  async refresh(): Promise<void> {
    try {
      await Promise.race([this.ring.current(), tooLate()]);
    } catch (error) {
      if (isStorageFault(error)) throw problemOf(error);
      throw new Problem(
        503,
        'store-unavailable',
        'keys cannot be checked at the moment; try again',
        undefined,
        { cause: error },
      );
    }
  }

  /** As `refresh`, for monitoring: where the database is away, the keys that were read last decide. */
  async refreshIfPossible(): Promise<void> {
    await this.refresh().catch(() => {});
  }

  /**
   * The caller of a request, if it may do what needs this.
   * @param presented by the credential of the request: its holder, why it is none, or undefined without one
   * @returns a Problem: 401 `key-missing`, `key-unknown`; 403 `role-missing`
   */
  decide(need: Exclude<Need, 'nothing'>, presented: Caller | Problem | undefined): Caller | Problem {
    if (presented instanceof Problem) return presented;
    const { anyone } = this;
    const caller = presented ?? anyone;
    if (need === 'anyone' || mayAct(caller, need) || mayAct(anyone, need)) return caller;
    return presented ? roleMissing(need, presented) : keyMissing(need);
  }

  /** Whether what was begun for a caller, a stream or a long upload, may go on. */
  stillHolds(caller: Caller): boolean {
    switch (caller.kind) {
      case 'key':
        return this.ring.holds(caller);
      case 'anyone':
        return caller === this.anyone;
      case 'session':
        return true;
    }
  }
}
