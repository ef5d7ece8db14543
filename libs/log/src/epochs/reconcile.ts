import type { Epochs, Token } from '#libs/domain';
import { inTransaction, type Db } from '#libs/platform';
import type pg from 'pg';
import { readHeads } from '../rows/heads.js';
import { types } from '../rows/stored-event.js';
import { openEpoch, readEpochs } from './epoch-rows.js';

/** An event of the log that somebody outside of the database has seen: its place, and as much of the rest as is known. */
export interface Observation {
  epoch: number;
  shard: number;
  position: number;
  /** Hexadecimal. Equal chains prove that all events before it are equal too. */
  chain?: string;
  digest?: string;
  recordedAt?: string;
}

interface Found {
  shard: number;
  position: number;
  chain: string;
  digest: string;
  recordedAt: string;
}

/**
 * Opens an epoch where the log lacks an event that was seen in it, or has another one in its place, and no epoch says so yet.
 * Of several processes that notice it, the first opens the epoch, and the others find it. It holds the heads meanwhile.
 * @param common positions up to which the log is known to be what it was, where no observation agrees with it
 * @returns whether it has opened one
 */
export function reconcile(
  pool: pg.Pool,
  observations: readonly Observation[],
  common: Token,
  reason: string,
): Promise<boolean> {
  return inTransaction(pool, async (db) => {
    await lockHeads(db);
    const heads = await readHeads(db);
    const epochs = await readEpochs(db);
    const open = unexplained(observations, epochs);
    const found = await eventsAt(db, open);
    const isThere = (one: Observation) => agrees(one, found.get(keyOf(one)));
    if (open.every((one) => isThere(one) && epochs.knows(one.epoch))) return false;
    const known = heads.map(({ shard, position }) => {
      const seen = open.filter((one) => one.shard === shard);
      return seen.length === 0 ? position : (lastCommon(seen, isThere) ?? common.get(shard) ?? 0);
    });
    await openEpoch(db, reason, { known, after: Math.max(...open.map(({ epoch }) => epoch)) });
    return true;
  });
}

/** Whether the log lacks one of some events that were seen in it, and no epoch says so. Without any lock, so it may be mistaken. */
export async function differs(
  db: Db,
  observations: readonly Observation[],
  epochs: Epochs,
): Promise<boolean> {
  const open = unexplained(observations, epochs);
  if (open.length === 0) return false;
  const found = await eventsAt(db, open);
  return open.some((one) => !epochs.knows(one.epoch) || !agrees(one, found.get(keyOf(one))));
}

/** The observations of what should be in the log. Of an epoch that was lost itself nothing is known, until one opens after it. */
const unexplained = (observations: readonly Observation[], epochs: Epochs): Observation[] =>
  observations.filter(({ epoch, shard, position }) =>
    epochs.knows(epoch) ? position <= epochs.cut(epoch, shard) : epoch > epochs.present,
  );

/** Opens an epoch at the heads, because somebody says that the log may have gone back. @returns its number */
export function openEpochAtHeads(pool: pg.Pool, reason: string): Promise<number> {
  return inTransaction(pool, async (db) => {
    await lockHeads(db);
    return openEpoch(db, reason);
  });
}

/** From here on nothing is appended, and nobody else opens an epoch. */
const lockHeads = (db: pg.ClientBase) => db.query('select from claimline.heads order by shard for update');

const keyOf = ({ shard, position }: { shard: number; position: number }) => `${shard}:${position}`;

/**
 * The last position up to which a shard is known to be what it was: the last event seen that is there, before the first that is not.
 * What agrees after that one was seen when the log had gone back already.
 */
function lastCommon(
  seen: readonly Observation[],
  isThere: (one: Observation) => boolean,
): number | undefined {
  const first = Math.min(...seen.filter((one) => !isThere(one)).map(({ position }) => position));
  const common = seen.filter((one) => isProof(one) && isThere(one) && one.position < first);
  return common.length === 0 ? undefined : Math.max(...common.map(({ position }) => position));
}

/** Whether an observation shows more than that the log has reached a position. */
const isProof = ({ chain, digest }: Observation) => chain !== undefined || digest !== undefined;

/** Whether the event that the log has at the place of an observation can be the one that was seen. */
const agrees = ({ chain, digest, recordedAt }: Observation, found: Found | undefined): boolean =>
  found !== undefined &&
  (chain ?? found.chain) === found.chain &&
  (digest ?? found.digest) === found.digest &&
  (recordedAt ?? found.recordedAt) === found.recordedAt;

async function eventsAt(
  db: Db,
  places: readonly { shard: number; position: number }[],
): Promise<Map<string, Found>> {
  const { rows } = await db.query<Found>({
    text: `
      select e.shard, e.position, e.chain, e.digest, e.recorded_at at time zone 'UTC' as "recordedAt"
      from unnest($1::smallint[], $2::bigint[]) s (shard, position) join claimline.events e using (shard, position)`,
    values: [places.map(({ shard }) => shard), places.map(({ position }) => position)],
    types,
  });
  return new Map(rows.map((row) => [keyOf(row), row]));
}
