import type { Db } from '#libs/platform';
import type { Origin } from '../requests/request.js';

/** Bytes as JSON holds them: text where they are UTF-8. */
export type StoredBytes = string | { base64: string } | null;
export type StoredHeaders = Record<string, StoredBytes | StoredBytes[]>;

/** A message that could not be recorded, as in the topic of dead letters, with its outcome. */
export interface DeadLetter extends Origin {
  code: string;
  detail: string;
  key: Buffer | null;
  value: Buffer | null;
  /** Its own headers and those that describe the fault. */
  headers: StoredHeaders;
  /** When the message itself was sent, and when it was found to be wrong. */
  deadAt: Date;
  /** Null: nothing yet. */
  outcome: 'retried' | 'discarded' | null;
  decidedAt: Date | null;
  decidedBy: string | null;
  /** The event that a retry recorded. */
  eventId: string | null;
}

export type NewDeadLetter = Pick<
  DeadLetter,
  'topic' | 'partition' | 'offset' | 'code' | 'detail' | 'key' | 'value' | 'headers' | 'deadAt'
>;

/** Selects dead letters: `text` is part of the code or the detail. */
export interface DeadLetterFilter {
  /** Includes those decided on. */
  all?: boolean;
  text?: string | undefined;
  /** Those after this one, in order. */
  after?: Origin | undefined;
}

const LETTER_COLUMNS = `origin_topic as topic, origin_partition as partition, origin_offset::text as "offset",
  code, detail, key, value, headers::json as headers,
  dead_at as "deadAt", outcome, decided_at as "decidedAt", decided_by as "decidedBy", event_id as "eventId"`;

/** Keeps the dead letters that are not kept yet: the topic may hold one several times. @returns the number of new ones */
export async function insertDeadLetters(db: Db, letters: readonly NewDeadLetter[]): Promise<number> {
  const { rowCount } = await db.query(
    `insert into claimline.dead_letters (origin_topic, origin_partition, origin_offset, code, detail, key, value, headers, dead_at)
     select * from unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::bytea[], $7::bytea[],
                          $8::text[], $9::timestamptz[])
     on conflict do nothing`,
    [
      letters.map(({ topic }) => topic),
      letters.map(({ partition }) => partition),
      letters.map(({ offset }) => offset),
      letters.map(({ code }) => code),
      letters.map(({ detail }) => detail),
      letters.map(({ key }) => key),
      letters.map(({ value }) => value),
      letters.map(({ headers }) => JSON.stringify(headers)),
      letters.map(({ deadAt }) => deadAt),
    ],
  );
  return rowCount!;
}

/** A page of them, by origin. */
export async function selectDeadLetters(
  db: Db,
  { all = false, text, after }: DeadLetterFilter,
  limit: number,
): Promise<DeadLetter[]> {
  const { rows } = await db.query<DeadLetter>(
    `select ${LETTER_COLUMNS} from claimline.dead_letters
     where ${all ? 'true' : 'outcome is null'}
       and ($1::text is null or position(lower($1) in lower(code || ' ' || detail)) > 0)
       and ($2::text is null or (origin_topic, origin_partition, origin_offset) > ($2, $3::int, $4::bigint))
     order by origin_topic, origin_partition, origin_offset limit $5`,
    [text ?? null, after?.topic ?? null, after?.partition ?? null, after?.offset ?? null, limit],
  );
  return rows;
}

export const LETTER_STATES = ['open', 'retried', 'discarded', 'all'] as const;

/** Selects dead letters for a list, newest first. */
export interface LetterSelection {
  state: (typeof LETTER_STATES)[number];
  code?: string | undefined;
  /** Part of the code or the detail. */
  text?: string | undefined;
}

const STATE_CONDITIONS: Record<LetterSelection['state'], string> = {
  open: 'outcome is null',
  retried: `outcome = 'retried'`,
  discarded: `outcome = 'discarded'`,
  all: 'true',
};

/** Those before one, newest first. @param before the last of the page before */
export async function selectNewestLetters(
  db: Db,
  { state, code, text }: LetterSelection,
  before: (Origin & { deadAt: string }) | undefined,
  limit: number,
): Promise<DeadLetter[]> {
  const { rows } = await db.query<DeadLetter>(
    `select ${LETTER_COLUMNS} from claimline.dead_letters
     where ${STATE_CONDITIONS[state]} and ($1::text is null or code = $1)
       and ($2::text is null or position(lower($2) in lower(code || ' ' || detail)) > 0)
       and ($3::timestamptz is null
         or (dead_at, origin_topic, origin_partition, origin_offset) < ($3, $4::text, $5::int, $6::bigint))
     order by dead_at desc, origin_topic desc, origin_partition desc, origin_offset desc limit $7`,
    [
      code ?? null,
      text ?? null,
      before?.deadAt ?? null,
      before?.topic ?? null,
      before?.partition ?? null,
      before?.offset ?? null,
      limit,
    ],
  );
  return rows;
}

/** How many dead letters there are. */
export interface LetterCounts {
  open: number;
  retried: number;
  discarded: number;
  /** Of those that are open, by code: the most frequent first, at most 100. */
  codes: { code: string; open: number }[];
}

export async function countLetters(db: Db): Promise<LetterCounts> {
  const [outcomes, codes] = [
    await db.query<{ outcome: 'retried' | 'discarded' | null; count: number }>(
      'select outcome, count(*)::int as count from claimline.dead_letters group by outcome',
    ),
    await db.query<{ code: string; open: number }>(
      `select code, count(*)::int as open from claimline.dead_letters where outcome is null
       group by code order by open desc, code limit 100`,
    ),
  ];
  const count = (outcome: DeadLetter['outcome']) =>
    outcomes.rows.find((row) => row.outcome === outcome)?.count ?? 0;
  return { open: count(null), retried: count('retried'), discarded: count('discarded'), codes: codes.rows };
}

/** The number of dead letters not decided on, counted to just above `most`. */
export async function countOpenLetters(db: Db, most: number): Promise<number> {
  const { rows } = await db.query<{ count: string }>(
    'select count(*) from (select from claimline.dead_letters where outcome is null limit $1) open',
    [most + 1],
  );
  return Number(rows[0]!.count);
}

export async function findDeadLetter(
  db: Db,
  { topic, partition, offset }: Origin,
): Promise<DeadLetter | undefined> {
  const { rows } = await db.query<DeadLetter>(
    `select ${LETTER_COLUMNS} from claimline.dead_letters
     where (origin_topic, origin_partition, origin_offset) = ($1, $2::int, $3::bigint)`,
    [topic, partition, offset],
  );
  return rows[0];
}

export async function decide(
  db: Db,
  { topic, partition, offset }: Origin,
  outcome: 'retried' | 'discarded',
  { by, eventId }: { by?: string | undefined; eventId?: string | undefined },
): Promise<void> {
  await db.query(
    `update claimline.dead_letters set outcome = $4, decided_at = now(), decided_by = $5, event_id = $6
     where (origin_topic, origin_partition, origin_offset) = ($1, $2::int, $3::bigint)`,
    [topic, partition, offset, outcome, by ?? null, eventId ?? null],
  );
}

/** For each partition of a topic, the first offset not read yet. */
export async function readFrom(db: Db, cluster: string, topic: string): Promise<Map<number, number>> {
  const { rows } = await db.query<{ partition: number; next: string }>(
    'select partition, next_offset as next from claimline.dead_letters_read where cluster = $1 and topic = $2',
    [cluster, topic],
  );
  return new Map(rows.map(({ partition, next }) => [partition, Number(next)]));
}

export async function readUpTo(
  db: Db,
  cluster: string,
  topic: string,
  partition: number,
  next: number,
): Promise<void> {
  await db.query(
    `insert into claimline.dead_letters_read as r (cluster, topic, partition, next_offset) values ($1, $2, $3, $4)
     on conflict (cluster, topic, partition) do update set next_offset = greatest(r.next_offset, excluded.next_offset)`,
    [cluster, topic, partition, next],
  );
}
