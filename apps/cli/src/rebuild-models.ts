import { readRuleset } from '#libs/log';
import type { Settings } from '#libs/platform';
import type { Rebuilt, StatusChange } from '#libs/projection';
import { RebuildJobHandler, rebuildSpec, JobWorker, type Comparison } from '#libs/jobs';
import { shutdownSignal } from '#libs/service';
import { commandLineUser } from './os-user.js';
import { progressBar } from './progress-bar.js';
import { withLog } from './with-log.js';

const REBUILD_CONNECTIONS = 10;
/** One connection holds the run, one reads. */
const WORKER_CONNECTIONS = 3;

/**
 * `claimline rebuild`: rebuilds the read models from the log, beside a running service or without one. `compare`: only
 * lists the places that would change their status. Ctrl-C undoes everything.
 * @returns whether it was done
 */
export async function rebuildModels(
  { ruleset: file, compare = false, json = false }: { ruleset?: string; compare?: boolean; json?: boolean },
  settings: Settings,
): Promise<boolean> {
  const signal = shutdownSignal();
  const ruleset = await readRuleset(file ?? settings.rulesetFile);
  const bar = progressBar('rebuild', 'events');
  const options = { opening: 'update', level: 'error', signal } as const;
  return withLog(settings, options, async ({ store, rulesets, pools }) => {
    const kind = new RebuildJobHandler(pools.open('rebuild', REBUILD_CONNECTIONS, 0), store, rulesets, {
      onChange: (change) => bar.say(json ? JSON.stringify(change) : changeText(change)),
    });
    const worker = new JobWorker(pools.open('replays', WORKER_CONNECTIONS, 0), [kind]);
    const { state, error, result } = await worker.runNow(
      'rebuild',
      rebuildSpec(ruleset, compare, commandLineUser()),
      {
        signal,
        onReach: ({ done, total }) => bar.update(done, total ?? undefined),
        onWaiting: () => process.stderr.write('another rebuild is under way; waiting for it\n'),
      },
    );
    bar.end();
    if (state === 'failed') throw new Error(error ?? 'the rebuild has failed');
    if (state === 'cancelled') process.stderr.write('cancelled: the read models are unchanged\n');
    else if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else process.stdout.write(compare ? comparedText(result as Comparison) : rebuiltText(result as Rebuilt));
    signal.throwIfAborted();
    return state === 'done';
  }).finally(() => bar.end());
}

const changeText = ({ id, name, from, to }: StatusChange) =>
  `${id} ${name}: ${from ?? 'not there'} -> ${to ?? 'not there'}`;

function comparedText({ events, rulesetVersion: { from, to }, changes, counts }: Comparison): string {
  const lines = counts.map(
    (count) =>
      `${String(count.places).padStart(8)} ${count.from ?? 'not there'} -> ${count.to ?? 'not there'}\n`,
  );
  return (
    `${lines.join('')}${changes} places would change their status from ruleset ${from} to ${to} ` +
    `(${events} events folded); nothing was changed\n`
  );
}

function rebuiltText({ events, seconds, rulesetVersion, digests, token, differing }: Rebuilt): string {
  const lines = Object.entries(digests).map(
    ([table, { rows, digest }]) =>
      `  ${table.padEnd(15)} ${String(rows).padStart(10)} rows  ${digest}${differing?.includes(table) ? '  differs from before' : ''}\n`,
  );
  const verdict =
    differing === null
      ? 'not compared: the tables before had another ruleset or layout, were far behind, or did not exist'
      : differing.length === 0
        ? 'the same as before, row by row'
        : `different from before: ${differing.join(', ')}`;
  return (
    `${events} events folded in ${seconds.toFixed(1)} s under ruleset ${rulesetVersion}\n` +
    `tables at ${token === '' ? 'the beginning' : token}:\n${lines.join('')}${verdict}\n`
  );
}
