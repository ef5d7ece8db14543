import {
  accept,
  eventText,
  sha256Hex,
  shardOf,
  type Instant,
  type NewEvent,
  type Result,
  type WrittenFields,
} from '#libs/domain';
import { byteaArray, intArray, smallintArray, textArray, uuidArray, type Db } from '#libs/platform';
import type { Head } from '../rows/heads.js';
import { linesOf, tracesOf } from './log-inserts.js';
import { answerDuplicate, conflict, existingRecordsOf, receiptOf, type Receipt } from './receipt.js';

/** An event to append, with the rows that are written beside it if it is new. */
export interface EventToAppend {
  event: NewEvent;
  /** The content of the statement that it records, as far as it is written already. */
  written?: WrittenFields;
  /** The id of the statement or retraction (a UUID in lower case) with the digest of its content. */
  id?: { id: string; digest: Buffer };
  quote?: { salt: string; quote: string };
  /** The event's stream is a provisional place: the register records it as one. */
  provisional?: boolean;
  /** The trace that it came in with (W3C Trace Context): published with the event, but not part of it. */
  traceparent?: string | undefined;
}

/** A candidate with everything that can be computed before the locks. */
export interface PreparedEvent extends EventToAppend {
  shard: number;
  /** The stored text, and its digest in hexadecimal. */
  body: string;
  digest: string;
}

export function prepareEvent(candidate: EventToAppend, shards: number): PreparedEvent {
  const { event, written, id, quote, provisional, traceparent } = candidate;
  const body = eventText(event, written);
  return {
    event,
    id,
    quote,
    provisional,
    traceparent,
    shard: shardOf(event.stream, shards),
    body,
    digest: sha256Hex(body),
  };
}

/** On what condition, and when, events are appended. */
export interface AppendTerms {
  /** Instead of the database's clock, read under the locks. */
  clock?: Instant | undefined;
  /** The version of the register by which the places of the events were found (`registerVersion`). */
  register?: string | undefined;
}

/** What an append did. */
export interface Appended {
  /** For each candidate, in order: its receipt, the original's receipt, or `statement-conflict`. */
  answers: Result<Receipt>[];
  events: number;
  /** The last positions of the shards that it locked, before it and after it. */
  before: readonly Pick<Head, 'shard' | 'position'>[];
  reached: readonly Pick<Head, 'shard' | 'position'>[];
  /** In which the events were recorded. */
  epoch: number;
}

/**
 * Appends what is new among candidates, in one round trip: the database locks the heads of their shards, inserts the ids,
 * gives the new ones their places and links, and moves the heads (schema/append-migration.ts).
 * @param db outside of a transaction it is one by itself
 * @returns undefined where the register has another version: nothing is written
 */
export async function appendEvents(
  db: Db,
  candidates: readonly PreparedEvent[],
  { clock, register }: AppendTerms = {},
): Promise<Appended | undefined> {
  const firsts = new Map<string, PreparedEvent>();
  const sent = candidates.filter((candidate) => {
    const { id } = candidate;
    if (!id) return true;
    if (firsts.has(id.id)) return false;
    firsts.set(id.id, candidate);
    return true;
  });
  const { rows } = await db.query<AppendRow>({ ...APPEND, values: valuesOf(sent, clock, register) });
  const { moved, after, times, known, epoch } = rows[0]!;
  if (moved === null) return undefined;
  const [shards, positions, stamps] = [moved, after, times].map((list) => list.split(','));
  const before = shards!.map((shard, at) => ({ shard: +shard, position: +positions![at]! }));
  const ends = new Map(
    shards!.map((shard, at) => [+shard, { position: +positions![at]!, recordedAt: stamps![at]! }]),
  );
  const isKnown = new Set(known);
  const originals = known === null ? undefined : await existingRecordsOf(db, known);
  const placed = new Map<PreparedEvent, Receipt>();
  const answers = candidates.map((candidate): Result<Receipt> => {
    const { event, id, shard } = candidate;
    if (id && isKnown.has(id.id)) return answerDuplicate(originals!.get(id.id)!, id.digest, event.type);
    const first = id ? firsts.get(id.id)! : candidate;
    if (first !== candidate)
      return first.id!.digest.equals(id!.digest)
        ? accept({ ...placed.get(first)!, duplicate: true })
        : conflict(id!.id, event.type);
    const end = ends.get(shard)!;
    end.position += 1;
    const receipt = receiptOf(event, { shard, ...end }, false);
    placed.set(candidate, receipt);
    return accept(receipt);
  });
  return {
    answers,
    events: placed.size,
    before,
    epoch: Number(epoch),
    reached: [...ends].map(([shard, { position }]) => ({ shard, position })),
  };
}

/** Of the locked shards, in order: their numbers, positions before the append, and its times. Lists joined by commas. */
interface AppendRow {
  /** Null where nothing is appended, because the register has changed. */
  moved: string | null;
  after: string;
  times: string;
  known: string[] | null;
  epoch: string | number;
}

const APPEND = {
  name: 'append',
  text: `
    select array_to_string(moved, ',') as moved, array_to_string(after, ',') as after,
      array_to_string(times, ',') as times, known::text[] as known, claimline.present_epoch() as epoch
    from claimline.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
};

function valuesOf(
  candidates: readonly PreparedEvent[],
  clock: Instant | undefined,
  register: string | undefined,
): (Buffer | string | null)[] {
  const quoted = candidates.flatMap(({ id, quote }, at) => (id && quote ? [{ at: at + 1, ...quote }] : []));
  return [
    smallintArray(candidates.map(({ shard }) => shard)),
    uuidArray(candidates.map(({ event }) => event.eventId)),
    textArray(candidates.map(({ event }) => event.type)),
    textArray(candidates.map(({ event }) => event.stream)),
    byteaArray(candidates.map(({ digest }) => digest)),
    linesOf(candidates),
    tracesOf(candidates.map(({ traceparent }) => traceparent)),
    uuidArray(candidates.map(({ id }) => id?.id ?? null)),
    byteaArray(candidates.map(({ id }) => id?.digest ?? '')),
    intArray(quoted.map(({ at }) => at)),
    textArray(quoted.map(({ salt }) => salt)),
    textArray(quoted.map(({ quote }) => quote)),
    intArray(candidates.flatMap(({ provisional }, at) => (provisional ? [at + 1] : []))),
    clock ?? null,
    register ?? null,
  ];
}
