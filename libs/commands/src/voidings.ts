import type { EventId } from '#libs/domain';
import type { Db } from '#libs/platform';

/** Whether a statement or retraction is voided, and the last event that voided or reinstated it. */
export interface StoredVoiding {
  voided: boolean;
  eventId: EventId;
}

/** Whether an id is voided; undefined where it never was. */
export async function readVoiding(db: Db, id: string): Promise<StoredVoiding | undefined> {
  const { rows } = await db.query<StoredVoiding>(
    'select voided, event_id as "eventId" from claimline.voidings where id = $1',
    [id],
  );
  return rows[0];
}

export async function writeVoiding(db: Db, id: string, { voided, eventId }: StoredVoiding): Promise<void> {
  await db.query(
    `insert into claimline.voidings (id, voided, event_id) values ($1, $2, $3)
     on conflict (id) do update set voided = excluded.voided, event_id = excluded.event_id`,
    [id, voided, eventId],
  );
}
