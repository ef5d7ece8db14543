import { readPages } from '#libs/platform';
import type pg from 'pg';
import { EVENT_COLUMNS, types, type StoredEvent } from '../rows/stored-event.js';

const PAGE_SIZE = 1000;
/** The memory that the database may use to sort one shard; beyond it, it sorts on disk. */
const SORTED_IN_MEMORY = '32MB';

/** The events of a shard up to a position, stream by stream (by the bytes of their names), each in its order. */
export const readByStream = (
  pool: pg.Pool,
  shard: number,
  upTo: number,
  signal?: AbortSignal,
): AsyncGenerator<StoredEvent[]> =>
  readPages(
    pool,
    `select ${EVENT_COLUMNS} from claimline.events e
     where e.shard = ${Number(shard)} and e.position <= ${Number(upTo)} order by e.stream collate "C", e.position`,
    {
      pageSize: PAGE_SIZE,
      begin: `begin read only; set local work_mem = '${SORTED_IN_MEMORY}'`,
      types,
      signal,
    },
  );
