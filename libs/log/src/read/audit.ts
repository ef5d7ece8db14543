import {
  AUDITED,
  isOperation,
  isRegister,
  placesOf,
  type EventType,
  type Instant,
  type RecordedEvent,
  type Upcasters,
} from '#libs/domain';
import type { Db } from '#libs/platform';
import { EVENT_COLUMNS, recorded, types as columnTypes, type StoredEvent } from '../rows/stored-event.js';
import { isAudited } from '../schema/audit-migration.js';

/** Selects commands of curators and operators. */
export interface AuditFilter {
  types?: readonly EventType[] | undefined;
  /** `by` or `onBehalfOf` of the event; of a `by` also the name or the id alone. */
  by?: string | undefined;
  /** Recorded at this time or later. */
  from?: Instant | undefined;
  /** Recorded at this time or earlier. */
  to?: Instant | undefined;
  /** What was done to a place, or to statements recorded on it. */
  location?: string | undefined;
  /** What was done to a statement or a retraction (its UUID), and the void that a statement was recorded in place of. */
  statement?: string | undefined;
}

/** Where a page ends: the next one has what is older. */
export type AuditPosition = Pick<RecordedEvent, 'recordedAt' | 'shard' | 'position'>;

/** A page, newest first. `next` is null at the end; a page may have few events, or none, while there is a next one. */
export interface AuditPage {
  items: RecordedEvent[];
  next: AuditPosition | null;
}

/** The most events that one page looks at: where few of them match, the page is short. */
const MAX_EXAMINED = 5000;
/** The events read at once where each has to be looked at. */
const WINDOW = 500;
const BEFORE_ALL = { recordedAt: 'infinity', shard: 32_767, position: Number.MAX_SAFE_INTEGER };

/** The commands of curators and operators, newest first: the events that are no statements, by an index of their own. */
export async function readAudit(
  db: Db,
  filter: AuditFilter,
  { limit, before = null }: { limit: number; before?: AuditPosition | null },
  upcasters?: Upcasters,
): Promise<AuditPage> {
  const { by, location, statement } = filter;
  const isLookedAt = [by, location, statement].some((one) => one !== undefined);
  const size = isLookedAt ? WINDOW : limit + 1;
  const items: RecordedEvent[] = [];
  let reached = before;
  for (let examined = 0; examined < MAX_EXAMINED; examined += size) {
    const rows = await readWindow(db, filter, size, reached);
    for (const row of rows) {
      const event = recorded(row, upcasters);
      if (matches(event, filter)) {
        if (items.length === limit) return { items, next: reached };
        items.push(event);
      }
      reached = { recordedAt: event.recordedAt, shard: event.shard, position: event.position };
    }
    if (rows.length < size) return { items, next: null };
  }
  return { items, next: reached };
}

/** The next events of the types and times wanted. Of each type the newest are found by the index, without reading others. */
async function readWindow(
  db: Db,
  { types = AUDITED, from = '-infinity', to }: AuditFilter,
  size: number,
  reached: AuditPosition | null,
): Promise<StoredEvent[]> {
  const before = reached ?? { ...BEFORE_ALL, ...(to !== undefined && { recordedAt: to }) };
  const { rows } = await db.query<StoredEvent>({
    name: 'audit',
    text: `
      select ${EVENT_COLUMNS} from (
        select f.* from unnest($1::text[]) t (type)
        cross join lateral (
          select recorded_at, shard, position from claimline.events
          where type = t.type and ${isAudited} and recorded_at >= $2::timestamptz
            and (recorded_at, shard, position) < ($3::timestamptz, $4::smallint, $5::bigint)
          order by recorded_at desc, shard desc, position desc limit $6
        ) f
        order by f.recorded_at desc, f.shard desc, f.position desc limit $6
      ) f
      cross join lateral (select * from claimline.events where shard = f.shard and position = f.position offset 0) e
      order by f.recorded_at desc, f.shard desc, f.position desc`,
    values: [[...new Set(types)], from, before.recordedAt, before.shard, before.position, size],
    types: columnTypes,
  });
  return rows;
}

function matches(event: RecordedEvent, { by, location, statement }: AuditFilter): boolean {
  return (
    (by === undefined || isBy(event, by)) &&
    (location === undefined || isOfPlace(event, location)) &&
    (statement === undefined || isOfStatement(event, statement))
  );
}

/** A signature is a name, and an id in brackets. */
const isBy = ({ by, onBehalfOf }: RecordedEvent, who: string): boolean =>
  by === who ||
  onBehalfOf === who ||
  (by !== undefined && by.endsWith(')') && (by.endsWith(` (${who})`) || isNameOf(who, by)));

const isNameOf = (name: string, signature: string): boolean =>
  signature.startsWith(`${name} (`) && !signature.slice(name.length + 2, -1).includes('(');

const isOfPlace = (event: RecordedEvent, place: string): boolean =>
  isRegister(event) ? (placesOf(event) as string[]).includes(place) : event.stream === place;

function isOfStatement(event: RecordedEvent, id: string): boolean {
  if (isOperation(event)) return event.data.subject === id;
  const { retractionId, replacedBy } = event.data as { retractionId?: string; replacedBy?: string };
  return [event.statementId, retractionId, replacedBy].includes(id);
}
