import {
  isRegister,
  placesOf,
  REGISTER_STREAM,
  shardOf,
  type LocationId,
  type RegisterEvent,
} from '#libs/domain';
import { readPages } from '#libs/platform';
import type pg from 'pg';
import type { CopyWriter, Table } from '../tables/copying.js';
import type { LogReader } from '../tables/log-reader.js';
import { entryOf } from '../tables/register-entries.js';

// The register is one stream in one shard; a rebuild needs it place by place, shard by shard. The database sorts it.

interface Staged {
  shard: number;
  id: LocationId;
  at: number;
  entry: string;
}

const STAGING: Table<Staged> = {
  name: 'register_entry',
  columns: ['shard', 'location_id', 'at', 'entry'],
  values: ({ shard, id, at, entry }) => [shard, id, at, entry],
};

export const stagingTable = (schema: string): string =>
  `create unlogged table ${schema}.register_entry (
     shard smallint not null, location_id text collate "C" not null, at bigint not null, entry text not null
   )`;
export const dropStaging = (schema: string): string => `drop table ${schema}.register_entry`;

const PLACES_PER_QUERY = 1000;

/** The places that belong together by merges of the register; it holds only such places. */
export class MergeIndex {
  private readonly into = new Map<LocationId, LocationId>();
  private readonly roots = new Set<LocationId>();

  apply({ type, data }: RegisterEvent): void {
    if (type === 'location.merged') this.into.set(data.locationId, data.into);
    if (type === 'location.unmerged') this.into.delete(data.locationId);
  }

  /** To be called when all events are applied. */
  settle(): void {
    for (const id of this.into.keys()) this.roots.add(this.rootOf(id));
  }

  rootOf(id: LocationId): LocationId {
    const next = this.into.get(id);
    return next === undefined ? id : this.rootOf(next);
  }

  /** Whether it is merged into another, or others into it. */
  has(id: LocationId): boolean {
    return this.into.has(id) || this.roots.has(id);
  }

  /** The places that others are merged into. */
  *[Symbol.iterator](): Iterator<LocationId> {
    yield* this.roots;
  }
}

/** Writes the register to the staging table, up to a position of its shard. @returns the places merged by then */
export async function stageRegister(
  writer: CopyWriter,
  log: Pick<LogReader, 'readShard'>,
  shards: number,
  upTo: number,
): Promise<MergeIndex> {
  const merges = new MergeIndex();
  const shard = shardOf(REGISTER_STREAM, shards);
  for (let after = 0; after < upTo;) {
    const events = await log.readShard(shard, after, Math.min(PLACES_PER_QUERY, upTo - after));
    if (events[0]?.position !== after + 1) throw new Error(`the log has no event ${shard}:${after + 1}`);
    for (const event of events.filter(isRegister)) {
      merges.apply(event);
      const entry = JSON.stringify(entryOf(event));
      for (const id of placesOf(event))
        writer.add(STAGING, { shard: shardOf(id, shards), id, at: event.position, entry });
    }
    await writer.flushIfFull();
    after = events.at(-1)!.position;
  }
  await writer.close();
  merges.settle();
  return merges;
}

/** The register's entries about a place, as JSON. */
export interface StagedPlace {
  id: LocationId;
  register: string;
}

/** The places of a shard with entries in the register, by the bytes of their ids. Holds one connection until its end. */
export async function* stagedPlaces(pool: pg.Pool, s: string, shard: number): AsyncGenerator<StagedPlace> {
  const select = `select location_id as id, '[' || string_agg(entry, ',' order by at) || ']' as register
    from ${s}.register_entry where shard = ${Number(shard)} group by location_id order by location_id`;
  for await (const page of readPages<StagedPlace>(pool, select, { pageSize: PLACES_PER_QUERY })) yield* page;
}
