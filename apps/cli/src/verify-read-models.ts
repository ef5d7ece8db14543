import type { Settings } from '#libs/platform';
import { findReadModels, verifyModels } from '#libs/projection';
import { shutdownSignal } from '#libs/service';
import { progressBar } from './progress-bar.js';
import { withLog } from './with-log.js';

const MAX_CONNECTIONS = 10;

/** `claimline verify --models`: checks the read models against the log, beside a running service or without one. */
export async function verifyReadModels(
  { json = false }: { json?: boolean },
  settings: Settings,
): Promise<boolean> {
  const signal = shutdownSignal();
  const bar = progressBar('verify', 'events');
  return withLog(settings, { signal }, async ({ store, rulesets, pools }) => {
    const pool = pools.open('verify', MAX_CONNECTIONS, 0);
    const found = await findReadModels(pool, rulesets);
    if (!found) throw new Error('there are no read models yet: a service or an export makes them');
    const { events, digests, token, faults } = await verifyModels(pool, store, found.ruleset, {
      signal,
      onProgress: (done, total) => bar.update(done, total),
    });
    bar.end();
    if (json) {
      process.stdout.write(`${JSON.stringify({ events, token, digests: digests.are, faults })}\n`);
      return faults.length === 0;
    }
    for (const { table, row, what } of faults) process.stdout.write(`${table} ${row} ${what}\n`);
    for (const [table, { rows, digest }] of Object.entries(digests.are))
      process.stdout.write(`${table.padEnd(15)} ${String(rows).padStart(10)} rows  ${digest}\n`);
    process.stdout.write(
      faults.length === 0
        ? `the read models match the ${events} events of the log, at ${token === '' ? 'the beginning' : token}\n`
        : 'the read models do not match the log: `claimline rebuild` corrects them\n',
    );
    return faults.length === 0;
  }).finally(() => bar.end());
}
