import { Injectable } from '@nestjs/common';
import type { Token } from '#libs/domain';
import { EventStore } from '#libs/event-store';
import { Problem } from '#libs/platform';
import { Progress } from '#libs/read-models';
import { faultOfBound } from '#libs/replay';

const WAIT = 5000;

/** Lets a reader see its own writes: waits until the read models have reached a token. */
@Injectable()
export class Freshness {
  constructor(
    private readonly store: EventStore,
    private readonly progress: Progress,
  ) {}

  /** @throws Problem 504 `projection-behind` after `wait` milliseconds; 422 at once where the log has not got there itself */
  async reach(token: Token | undefined, wait = WAIT): Promise<void> {
    if (!token || token.size === 0 || this.progress.has(token)) return;
    await this.inLog(token);
    if (!(await this.progress.waitFor(token, wait))) throw new Problem(504, 'projection-behind', `the read models did not reach the token within ${wait} ms; try again`);
  }

  /** @param parameter that gave the token @throws Problem 422 `query-invalid` where the log has not reached it */
  async inLog(token: Token, parameter = 'after'): Promise<void> {
    if (this.store.has(token)) return;
    const detail = await faultOfBound(this.store, token);
    if (detail) throw new Problem(422, 'query-invalid', `${parameter} ${detail}`, [{ pointer: `/${parameter}`, detail }]);
  }
}
