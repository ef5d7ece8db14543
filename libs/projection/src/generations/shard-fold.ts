import {
  isPlaceStream,
  type LocationId,
  type PlacedEvent,
  type Ruleset,
  type RecordedStatement,
} from '#libs/domain';
import type pg from 'pg';
import type { CopyWriter } from '../tables/copying.js';
import { foldOne, HISTORY, LOCATION, STATE } from '../folding.js';
import type { LogArchive } from '../tables/log-reader.js';
import { placeLookup, type RegisterEntry } from '../tables/register-entries.js';
import { stagedPlaces, type MergeIndex, type StagedPlace } from './merge-index.js';
import { TIMELINE, timelineOf, timelineRow } from '../tables/timeline-rows.js';

export interface ShardFold {
  pool: pg.Pool;
  /** The schema in which the register is staged, quoted. */
  schema: string;
  log: LogArchive;
  ruleset: Ruleset;
  joined: MergeIndex;
  writer: CopyWriter;
  onEvents: (count: number) => void;
  signal: AbortSignal | undefined;
}

/**
 * Writes all rows of the places of a shard, place by place; for places with merges, all but the rows and fields that only
 * a root has.
 */
export async function foldShard(fold: ShardFold, shard: number, upTo: number): Promise<void> {
  const { pool, schema, joined, writer, ruleset, signal } = fold;
  const register = stagedPlaces(pool, schema, shard);
  try {
    let staged = await register.next();
    const place = async (id: LocationId, stream: readonly PlacedEvent[], entries: string) => {
      await writer.flushIfFull();
      const timeline: RecordedStatement[] = [];
      for (const row of timelineOf(stream)) {
        writer.add(TIMELINE, timelineRow(row, ruleset));
        timeline.push(row.said);
        if (writer.isFull) await writer.flushIfFull();
      }
      const touches = JSON.parse(entries) as RegisterEntry[];
      // Within a shard times never go back.
      const [firstRecordedAt] = [stream[0], touches[0]].flatMap((one) => one?.recordedAt ?? []).toSorted();
      const row = { id, root: joined.rootOf(id), firstRecordedAt: firstRecordedAt!, register: entries };
      if (joined.has(id)) return writer.add(LOCATION, { ...row, folded: null });
      const folded = foldOne(placeLookup([{ id, register: touches }], () => timeline)(id)!, ruleset);
      writer.add(LOCATION, { ...row, folded });
      writer.add(STATE, { folded, ruleset });
      for (const interval of folded.history) writer.add(HISTORY, { id, ...interval });
    };
    /** The places before an id that only the register has; and its entries about that id. */
    const upToPlace = async (id?: LocationId): Promise<string> => {
      for (; !staged.done && (id === undefined || staged.value.id < id); staged = await register.next()) {
        const { id: only, register: entries }: StagedPlace = staged.value;
        await place(only, [], entries);
      }
      if (staged.done || staged.value.id !== id) return '[]';
      const { register: entries } = staged.value;
      staged = await register.next();
      return entries;
    };
    let events = 0;
    for await (const stream of streams(fold.log.readByStream(shard, upTo, signal))) {
      events += stream.length;
      fold.onEvents(stream.length);
      const id = stream[0]!.stream;
      if (isPlaceStream(id)) await place(id, stream, await upToPlace(id));
    }
    if (events !== upTo)
      throw new Error(`the log has no event ${shard}:${await firstMissing(fold.log, shard, upTo)}`);
    await upToPlace();
  } finally {
    await register.return(undefined);
  }
}

/** Events stream by stream, each complete; except those of no place in pieces, because they are not folded here. */
async function* streams(pages: AsyncIterable<PlacedEvent[]>): AsyncGenerator<PlacedEvent[]> {
  let stream: PlacedEvent[] = [];
  for await (const page of pages)
    for (const event of page) {
      if (stream.length > 0 && (stream[0]!.stream !== event.stream || !isPlaceStream(event.stream))) {
        yield stream;
        stream = [];
      }
      stream.push(event);
    }
  if (stream.length > 0) yield stream;
}

async function firstMissing(log: LogArchive, shard: number, upTo: number): Promise<number> {
  let after = 0;
  for (
    let page = await log.readShard(shard, after, 1000);
    page[0]?.position === after + 1 && after < upTo;
    page = await log.readShard(shard, after, 1000)
  ) {
    for (const { position } of page) if (position === after + 1) after += 1;
  }
  return after + 1;
}
