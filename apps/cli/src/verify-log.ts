import { formatToken, type Token } from '#libs/domain';
import { faultOfBound } from '#libs/jobs';
import { verify } from '#libs/transparency';
import type { Settings } from '#libs/platform';
import { shutdownSignal } from '#libs/service';
import { faultLine } from './log-faults.js';
import { progressBar } from './progress-bar.js';
import { VerifiedToken } from './verified-token.js';
import { withLog } from './with-log.js';

export interface VerifyLogOptions {
  after?: Token;
  /** A file that keeps how far the log was verified. */
  remember?: string;
  json?: boolean;
}

/** `claimline verify`: checks that every event is where and what it was when recorded. Stopped, it says how to resume. */
export async function verifyLog(
  { after, remember, json = false }: VerifyLogOptions,
  settings: Settings,
): Promise<boolean> {
  const signal = shutdownSignal();
  const bar = progressBar('verify', 'events');
  let reached: Token = after ?? new Map();
  let format = (token: Token) => formatToken(token);
  return withLog(settings, { signal }, async ({ store }) => {
    format = (token) => store.epochs.format(token);
    const remembered = remember === undefined ? undefined : new VerifiedToken(remember, store);
    reached = after ?? remembered?.token ?? reached;
    const goOn = store.epochs.goOn(reached);
    if (goOn) {
      process.stderr.write(`the log has gone back: it is verified after ${formatToken(goOn)}\n`);
      reached = goOn;
    }
    const beyond = await faultOfBound(store, reached);
    if (beyond) throw new Error(`${after ? '--after' : remember} ${beyond}`);
    const onProgress = (done: number, total: number, token: Token) => {
      reached = token;
      remembered?.now(token);
      bar.update(done, total);
    };
    const { events, faults } = await verify(store, { after: reached, onProgress, signal });
    remembered?.keep();
    bar.end();
    const verdict =
      faults.length === 0
        ? `${events} events in ${store.shards} shards: all events verified`
        : `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`;
    process.stdout.write(
      json
        ? `${JSON.stringify({ events, shards: store.shards, faults, token: format(reached) })}\n`
        : `${[...faults.map(faultLine), verdict].join('\n')}\n`,
    );
    return faults.length === 0;
  })
    .catch((error: unknown) => {
      bar.end();
      if (signal.aborted && reached.size > 0)
        process.stderr.write(
          remember === undefined
            ? `to resume: claimline verify --after ${format(reached)}\n`
            : `to resume: claimline verify --remember ${remember}\n`,
        );
      throw error;
    })
    .finally(() => bar.end());
}
