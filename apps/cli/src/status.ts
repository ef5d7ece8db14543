import { relayedTo } from '#libs/feed';
import { countOpenLetters } from '#libs/intake';
import { findProcesses, fullness, type Pools, readRoom, type Settings } from '#libs/platform';
import { findReadModels } from '#libs/projection';
import { lagOf, readLag, ReadModels } from '#libs/queries';
import { TILER_POOL_NAME } from '#libs/transparency';
import { estimatedEnd, isOpen, Jobs } from '#libs/jobs';
import { statusText, type Run, type Status } from './status-text.js';
import { type OpenedLog, withLog } from './with-log.js';

const MAX_COUNTED_LETTERS = 10_000;
/** How many ended runs are shown. */
const MAX_ENDED_RUNS = 5;

/** `claimline status`: how far the log, the read models, topics and runs are. */
export async function status({ json = false }: { json?: boolean }, settings: Settings): Promise<void> {
  const found = await withLog(settings, {}, look);
  process.stdout.write(json ? `${JSON.stringify(found)}\n` : statusText(found));
}

async function look({ store, rulesets, pools }: OpenedLog): Promise<Status> {
  const found = await findReadModels(store.pool, rulesets);
  const models = found && new ReadModels(store.pool, found);
  const shards = await (models ? readLag(models, store) : lagOf(store, new Map(), Date.now()));
  const events = shards.reduce((sum, { head }) => sum + head, 0);
  const relayed = await relayedTo(store.pool);
  return {
    storeId: store.id,
    rulesetVersion: models ? (await models.ruleset()).version : null,
    events,
    lag: shards.reduce((sum, { lag }) => sum + lag.events, 0),
    shards,
    projectors: await findProcesses(store.pool, TILER_POOL_NAME),
    relayed: relayed.map(({ cluster, topic, events: sent }) => ({
      cluster,
      topic,
      events: sent,
      lag: Math.max(0, events - sent),
    })),
    deadLettersOpen: await countOpenLetters(store.pool, MAX_COUNTED_LETTERS),
    room: await roomOf(pools),
    runs: await runsOf(new Jobs(store.pool)),
  };
}

async function roomOf({ database: { folder } }: Pools): Promise<Status['room']> {
  const room = folder === undefined ? undefined : await readRoom(folder);
  return room ? { ...room, isFull: fullness(room) !== undefined } : null;
}

async function runsOf(jobs: Jobs): Promise<Run[]> {
  const newest = await jobs.list({ limit: MAX_ENDED_RUNS });
  const ended = newest === 'cursor-invalid' ? [] : newest.items.filter((run) => !isOpen(run));
  return [...(await jobs.open()), ...ended].map((run) => {
    const { id: replayId, kind, state, done, total, rate, createdAt, endedAt, error } = run;
    return {
      replayId,
      kind,
      state,
      done,
      total,
      rate: rate === null ? null : Math.round(rate),
      eta: estimatedEnd(run),
      createdAt,
      endedAt,
      error,
    };
  });
}
