import { Inject, Injectable } from '@nestjs/common';
import type { Instant, Token } from '#libs/domain';
import { EventStore } from '#libs/log';
import { LOGGER, type Logger, Problem } from '#libs/platform';
import { Completeness, epochChanged, ProjectionWaiter } from '#libs/queries';
import { faultOfBound } from '#libs/jobs';
import { DEFAULT_WAIT_MS } from '../parameters.js';

/** The conditions that a question waits for, and how long. */
export interface Awaited {
  after?: Token | undefined;
  wait?: number | undefined;
}

/** Lets a reader see its own writes, and never an incomplete past. */
@Injectable()
export class ReadYourWrites {
  private warnedAt = -Infinity;

  constructor(
    private readonly store: EventStore,
    private readonly waiter: ProjectionWaiter,
    private readonly completeness: Completeness,
    @Inject(LOGGER) private readonly log?: Logger,
  ) {}

  /**
   * Waits until the read models have reached a token, and have everything that was recorded by the times given.
   * @throws Problem 504 `projection-behind` after `wait` milliseconds; at once 422 where the log has not reached the token itself,
   * 409 `epoch-changed` where it has gone back behind it
   */
  async reach(
    { after, wait = DEFAULT_WAIT_MS }: Awaited,
    ...knownAt: (Instant | null | undefined)[]
  ): Promise<void> {
    const end = performance.now() + wait;
    if (after) this.inEpoch(after);
    if (after && after.size > 0 && !this.waiter.has(after)) {
      await this.inLog(after);
      if (!(await this.waiter.waitFor(after, wait))) throw behind('reach the token', wait);
    }
    for (const time of knownAt)
      if (
        time &&
        !this.completeness.proof.holds(time) &&
        !(await this.completeness.waitFor(time, end - performance.now()))
      )
        throw behind(`get all that was recorded by ${time}`, wait);
  }

  /**
   * @param parameter that gave the token
   * @throws Problem 422 `query-invalid` where the log has not reached it; 409 `epoch-changed` where it has gone back behind it
   */
  async inLog(token: Token, parameter = 'after'): Promise<void> {
    if (this.store.has(token)) return;
    // It looks at the heads, and learns of a new epoch.
    const detail = await faultOfBound(this.store, token);
    this.inEpoch(token);
    if (!detail) return;
    this.warn(`the ${parameter} of a reader ${detail}`);
    throw new Problem(422, 'query-invalid', `${parameter} ${detail}`, [{ pointer: `/${parameter}`, detail }]);
  }

  /** Anybody can make such a token up: so it begins no epoch, and is not said often. */
  private warn(said: string): void {
    if (performance.now() - this.warnedAt < WARNING_INTERVAL_MS) return;
    this.warnedAt = performance.now();
    this.log?.warn(said);
  }

  /** @throws Problem 409 `epoch-changed` where the log, as far as this process knows, has gone back behind a token */
  inEpoch(token: Token): void {
    const goOn = this.store.epochs.goOn(token);
    if (goOn) throw epochChanged(goOn);
  }
}

const WARNING_INTERVAL_MS = 60_000;

const behind = (what: string, wait: number) =>
  new Problem(504, 'projection-behind', `the read models did not ${what} within ${wait} ms; try again`);
