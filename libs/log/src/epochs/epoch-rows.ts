import { Epochs, type Instant } from '#libs/domain';
import type { Db } from '#libs/platform';
import { types } from '../rows/stored-event.js';

interface EpochRow {
  epoch: number;
  openedAt: Instant;
  reason: string;
  forks: number[];
  confirmedAt: Instant | null;
}

/** The epochs of the store, as they are now. */
export async function readEpochs(db: Db): Promise<Epochs> {
  const { rows } = await db.query<Omit<EpochRow, 'forks'> & { forks: string[] }>({
    text: `
      select epoch, opened_at at time zone 'UTC' as "openedAt", reason, forks::text[] as forks,
        confirmed_at at time zone 'UTC' as "confirmedAt"
      from claimline.epochs order by epoch`,
    types,
  });
  return new Epochs(
    rows.map(({ forks, ...row }) => ({
      ...row,
      forks: new Map(forks.map((fork, shard) => [shard, Number(fork)])),
    })),
  );
}

/** The number of the present epoch. */
export async function readPresentEpoch(db: Db): Promise<number> {
  const { rows } = await db.query<{ epoch: number }>({
    name: 'present-epoch',
    text: 'select coalesce(max(epoch), 0) as epoch from claimline.epochs',
    types,
  });
  return rows[0]!.epoch;
}

/**
 * Opens an epoch at the heads, or lower.
 * @param at known: for each shard, the position up to which the log is what it was; after: a number that its own has to exceed
 * @returns its number
 */
export async function openEpoch(
  db: Db,
  reason: string,
  { known, after = 0 }: { known?: readonly number[]; after?: number } = {},
): Promise<number> {
  const { rows } = await db.query<{ epoch: number }>({
    text: 'select claimline.open_epoch($1, $2::bigint[], $3) as epoch',
    values: [reason, known ?? null, after],
    types,
  });
  return rows[0]!.epoch;
}

/** Writes epochs of the store whose log is restored. */
export async function insertEpochs(db: Db, { all }: Epochs): Promise<void> {
  for (const { epoch, openedAt, reason, forks, confirmedAt } of all)
    await db.query(
      `insert into claimline.epochs (epoch, opened_at, reason, forks, confirmed_at) values ($1, $2, $3, $4::bigint[], $5)
       on conflict do nothing`,
      [epoch, openedAt, reason, [...forks.values()], confirmedAt],
    );
}

/**
 * Confirms that events at repeated positions may be sent to the events topic, for all epochs up to the present one.
 * @returns how many were not confirmed
 */
export async function confirmEpochs(db: Db): Promise<number> {
  const { rowCount } = await db.query(
    `update claimline.epochs set confirmed_at = date_trunc('milliseconds', clock_timestamp()) where confirmed_at is null`,
  );
  return rowCount ?? 0;
}
