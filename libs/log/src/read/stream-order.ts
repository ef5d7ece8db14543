import type pg from 'pg';
import { COLUMNS, types, type StoredEvent } from '../rows/stored-event.js';

const PAGE_SIZE = 1000;
/** The memory that the database may use to sort one shard; beyond it, it sorts on disk. */
const SORTED_IN_MEMORY = '32MB';

/**
 * The events of a shard up to a position, stream by stream (by the bytes of their names), each in its order. The database
 * sorts them, so memory stays flat here. Holds one connection until its end.
 */
export async function* readByStream(
  pool: pg.Pool,
  shard: number,
  upTo: number,
  signal?: AbortSignal,
): AsyncGenerator<StoredEvent[]> {
  const client = await pool.connect();
  let whole = false;
  const fetch = () => client.query<StoredEvent>({ text: `fetch ${PAGE_SIZE} from by_stream`, types });
  try {
    await client.query('begin read only');
    await client.query(`set local work_mem = '${SORTED_IN_MEMORY}'`);
    await client.query({
      text: `
        declare by_stream no scroll cursor for
        select ${COLUMNS} from claimline.events e
        where e.shard = ${Number(shard)} and e.position <= ${Number(upTo)} order by e.stream collate "C", e.position`,
    });
    // The next page is requested while this one is used.
    for (let coming = fetch(); ;) {
      const { rows } = await coming;
      signal?.throwIfAborted();
      if (rows.length === 0) break;
      coming = fetch();
      coming.catch(() => {});
      yield rows;
    }
    await client.query('commit');
    whole = true;
  } finally {
    // Also if the caller stops early: the transaction ends with the connection.
    client.release(!whole);
  }
}
