import { contentIdOf, type NewEvent, UnreadableEvent } from '#libs/domain';
import type { Db } from '#libs/platform';
import {
  type EventStore,
  type Head,
  mergeShards,
  type ShardPage,
  type ShardRange,
  EVENT_COLUMNS,
  types,
  type TracedEvent,
} from '#libs/log';

/** A quote as it is kept beside the log, or the record of its erasure. */
export type ArchivedQuote =
  { salt: string; quote: string } | { erasedAt: string; erasedBy: string | null; reason: string | null };

/** An event with everything that the log keeps beside it and that cannot be derived from events. */
export interface ArchivedEvent extends TracedEvent {
  /** Of the statement or retraction that it recorded, hexadecimal: equal for a repeat. */
  contentDigest: string | null;
  quote: ArchivedQuote | null;
}

/** A ruleset that states were derived with. `content` is canonical JSON. */
export interface ArchivedRuleset {
  version: string;
  content: string;
  firstUsedAt: string;
}

export interface Archive {
  /** The heads of the log when the archive was begun: it ends there. */
  heads: Head[];
  rulesets: ArchivedRuleset[];
  /** All shards by recordedAt, each in its own order. Memory stays flat. */
  events: AsyncGenerator<ArchivedEvent>;
}

/** The log as it is now, with everything that a restore needs. Reading it throws UnreadableEvent: a copy has all events. */
export async function archive(store: EventStore): Promise<Archive> {
  const heads = await store.heads();
  const spans = heads.map(({ shard, position }) => ({ shard, after: 0, upTo: position }));
  return {
    heads,
    rulesets: await readRulesets(store.pool),
    events: mergeShards((range, limit) => readArchived(store.pool, range, limit), spans),
  };
}

async function readArchived(
  db: Db,
  { shard, after, upTo }: ShardRange,
  limit: number,
): Promise<ShardPage<ArchivedEvent>> {
  const { rows } = await db.query<TracedEvent>({
    text: `
      select ${EVENT_COLUMNS}, e.traceparent from claimline.events e
      where e.shard = $1 and e.position > $2 and e.position <= $3 order by e.position limit $4`,
    values: [shard, after, upTo, limit],
    types,
  });
  const ids = rows.map(contentIdIn);
  const beside = await readBeside(
    db,
    ids.filter((id) => id !== undefined),
  );
  const items = rows.map((row, at) => ({
    ...row,
    ...(beside.get(ids[at] ?? '') ?? { contentDigest: null, quote: null }),
  }));
  return { items, reached: rows.at(-1)?.position ?? upTo };
}

function contentIdIn(row: TracedEvent): ReturnType<typeof contentIdOf> {
  try {
    return contentIdOf(JSON.parse(row.body) as NewEvent);
  } catch (error) {
    throw new UnreadableEvent(row, row.eventId, error);
  }
}

type Beside = Pick<ArchivedEvent, 'contentDigest' | 'quote'>;

interface BesideRow {
  id: string;
  digest: string;
  salt: string | null;
  quote: string | null;
  erasedAt: string | null;
  erasedBy: string | null;
  reason: string | null;
}

async function readBeside(db: Db, ids: readonly string[]): Promise<Map<string, Beside>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<BesideRow>({
    text: `
      select s.id, s.digest, q.salt, q.quote,
             q.erased_at at time zone 'UTC' as "erasedAt", q.erased_by as "erasedBy", q.erase_reason as reason
      from claimline.statement_ids s left join claimline.quotes q on q.id = s.id where s.id = any($1::uuid[])`,
    values: [ids],
    types,
  });
  return new Map(rows.map((row) => [row.id, { contentDigest: row.digest, quote: quoteOf(row) }]));
}

function quoteOf({ salt, quote, erasedAt, erasedBy, reason }: BesideRow): ArchivedQuote | null {
  if (erasedAt !== null) return { erasedAt, erasedBy, reason };
  return salt !== null && quote !== null ? { salt, quote } : null;
}

async function readRulesets(db: Db): Promise<ArchivedRuleset[]> {
  const { rows } = await db.query<ArchivedRuleset>({
    text: `
      select version, content, first_used_at at time zone 'UTC' as "firstUsedAt"
      from claimline.rulesets order by first_used_at, version`,
    types,
  });
  return rows;
}
