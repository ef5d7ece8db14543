import { relayedTo } from '#libs/feed';
import { countOpenLetters } from '#libs/intake';
import { createLogger, openOrAttach, type Settings } from '#libs/platform';
import { estimatedEnd, isOpen, type Replays } from '#libs/replay';
import { layFoundation, type Foundation } from './foundation.js';
import { statusText, type Run, type Status } from './status-text.js';

const MOST_LETTERS = 10_000;
/** Of those that have ended. */
const RUNS = 5;

/** `claimline status`: where the log, the read models and what hangs on them are. */
export async function status({ json = false }: { json?: boolean }, settings: Settings): Promise<void> {
  const log = createLogger('warn', 'stderr');
  const database = await openOrAttach(settings, log);
  try {
    // All of it is in the database: no broker has to be there.
    const foundation = await layFoundation(database, { ...settings, kafka: undefined }, log);
    try {
      const found = await look(foundation);
      process.stdout.write(json ? `${JSON.stringify(found)}\n` : statusText(found));
    } finally {
      await foundation.close();
    }
  } finally {
    await database.close();
  }
}

async function look({ store, models, projecting, replays }: Foundation): Promise<Status> {
  const shards = await models.lag(store);
  const events = shards.reduce((sum, { head }) => sum + head, 0);
  const relayed = await relayedTo(projecting);
  return {
    storeId: store.id,
    rulesetVersion: (await models.ruleset()).version,
    events,
    lag: shards.reduce((sum, { lag }) => sum + lag.events, 0),
    shards,
    relayed: relayed.map(({ cluster, topic, events: sent }) => ({ cluster, topic, events: sent, lag: Math.max(0, events - sent) })),
    deadLettersOpen: await countOpenLetters(projecting, MOST_LETTERS),
    runs: await runsOf(replays),
  };
}

async function runsOf(replays: Replays): Promise<Run[]> {
  const newest = await replays.list({ limit: RUNS });
  const ended = newest === 'cursor-invalid' ? [] : newest.items.filter((run) => !isOpen(run));
  return [...(await replays.open()), ...ended].map((run) => {
    const { id: replayId, kind, state, done, total, rate, createdAt, endedAt, error } = run;
    return { replayId, kind, state, done, total, rate: rate === null ? null : Math.round(rate), eta: estimatedEnd(run), createdAt, endedAt, error };
  });
}
