import { hash } from 'node:crypto';
import {
  fold,
  isClaim,
  isRegister,
  applyToStatement,
  interpret,
  memoize,
  recordedStatement,
  type ClaimEvent,
  type LogPosition,
  type PlacedEvent,
  type Interpretation,
  type Ruleset,
  type RecordedStatement,
} from '#libs/domain';
import type { Db } from '#libs/platform';
import type { Table, Value } from './copying.js';
import { joined } from './prepared-queries.js';

/** The fields of retractions and voids that are only shown, and that `recordedStatement` does not keep, by the id of the event. */
export type Remarks = Record<string, object>;

interface RemarkedStatement {
  said: RecordedStatement;
  remarks: Remarks | null;
}

export interface RecordedRow extends RemarkedStatement {
  event: ClaimEvent & LogPosition;
}

/**
 * Writes the statements of a batch into the timeline, and adds retractions and voids to theirs. Skips events of the register.
 * @returns the rows of the statements
 */
export async function recordStatements(
  db: Db,
  schema: string,
  ruleset: Ruleset,
  events: readonly PlacedEvent[],
): Promise<RecordedRow[]> {
  const { rows, later } = statementsOf(events);
  const stored = await findStatements(
    db,
    schema,
    [...new Set(later.map(({ statementId }) => statementId!))].filter((id) => !rows.has(id)),
  );
  for (const event of later)
    applyToRow(rows.get(event.statementId!) ?? stored.get(event.statementId!), event);
  const recorded = [...rows.values()];
  if (rows.size > 0) await insertRows(db, schema, ruleset, recorded);
  if (stored.size > 0) await updateStatements(db, schema, [...stored.values()]);
  return recorded;
}

/** The rows of all statements about a place, from its whole stream, in order. */
export function timelineOf(stream: readonly PlacedEvent[]): RecordedRow[] {
  const { rows, later } = statementsOf(stream);
  for (const event of later) applyToRow(rows.get(event.statementId!), event);
  return [...rows.values()];
}

/** The claims among events, each as a new row, by statement; and the events about statements. */
function statementsOf(events: readonly PlacedEvent[]): {
  rows: Map<string, RecordedRow>;
  later: PlacedEvent[];
} {
  const rows = new Map<string, RecordedRow>();
  const later: PlacedEvent[] = [];
  for (const event of events)
    if (isClaim(event))
      rows.set(event.statementId!, { event, said: recordedStatement(event), remarks: null });
    else if (!isRegister(event)) later.push(event);
  return { rows, later };
}

function applyToRow(row: RemarkedStatement | undefined, event: PlacedEvent): void {
  if (!row)
    throw new Error(
      `event ${event.eventId} (${event.shard}:${event.position}) is about statement ${event.statementId}, which is not in the timeline`,
    );
  applyToStatement(row.said, event as Parameters<typeof applyToStatement>[1]);
  (row.remarks ??= {})[event.eventId] = { ...event.data, by: event.by };
}

async function findStatements(
  db: Db,
  schema: string,
  ids: readonly string[],
): Promise<Map<string, RemarkedStatement>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<{ id: string; said: string; remarks: string | null }>(
    `select statement_id as id, said, remarks from ${schema}.timeline where statement_id = any($1::uuid[])`,
    [ids],
  );
  return new Map(
    rows.map(({ id, said, remarks }) => [
      id,
      {
        said: JSON.parse(said) as RecordedStatement,
        remarks: remarks && (JSON.parse(remarks) as Remarks),
      } as RemarkedStatement,
    ]),
  );
}

async function updateStatements(db: Db, schema: string, rows: readonly RemarkedStatement[]): Promise<void> {
  await db.query(
    `update ${schema}.timeline t set said = n.said, remarks = n.remarks
     from unnest($1::uuid[], $2::text[], $3::text[]) n (id, said, remarks) where t.statement_id = n.id`,
    [
      rows.map(({ said }) => said.statementId),
      rows.map(({ said }) => JSON.stringify(said)),
      rows.map(({ remarks }) => JSON.stringify(remarks)),
    ],
  );
}

async function insertRows(
  db: Db,
  schema: string,
  ruleset: Ruleset,
  rows: readonly RecordedRow[],
): Promise<void> {
  const values = rows.map((row) => TIMELINE.values(timelineRow(row, ruleset)));
  const { columns } = TIMELINE;
  const unnested = columns.map((column, at) =>
    JSON_COLUMNS.has(column) ? `string_to_array($${at + 1}, chr(10))` : `$${at + 1}::${TYPES[at]}[]`,
  );
  await db.query(
    `insert into ${schema}.timeline (${columns.join(', ')}) select * from unnest(${unnested.join(', ')})`,
    columns.map((column, at) => {
      const those = values.map((row) => row[at]!);
      return JSON_COLUMNS.has(column) ? joined(those as string[]) : those;
    }),
  );
}

/** A row of the timeline to write. */
export interface TimelineRow extends RecordedRow {
  interpretation: Interpretation;
}

export const timelineRow = (row: RecordedRow, ruleset: Ruleset): TimelineRow => ({
  ...row,
  interpretation: interpret(row.said, ruleset),
});

type Column = readonly [name: string, type: string, of: (row: TimelineRow) => Value];

const TIMELINE_COLUMNS: readonly Column[] = [
  ['statement_id', 'uuid', ({ said }) => said.statementId],
  ['event_id', 'uuid', ({ said }) => said.eventId],
  ['location_id', 'text', ({ event }) => event.stream],
  ['shard', 'smallint', ({ said }) => said.shard],
  ['position', 'bigint', ({ said }) => said.position],
  ['recorded_at', 'timestamptz', ({ said }) => said.recordedAt],
  ['stated_at', 'timestamptz', ({ said }) => said.statedAt],
  ['published_at', 'timestamptz', ({ said }) => said.publishedAt],
  ['stance', 'text', ({ said }) => said.stance],
  ['predicate', 'text', ({ said }) => said.predicate],
  ['party', 'text', ({ interpretation }) => interpretation.speaker],
  ['side', 'text', ({ interpretation }) => interpretation.side],
  ['speaker', 'text', ({ said }) => (said.name === undefined ? null : folded(said.name))],
  [
    'outlet',
    'text',
    ({ event }) => (event.data.source?.outlet === undefined ? null : folded(event.data.source.outlet)),
  ],
  [
    'url_hash',
    'uuid',
    ({ event }) => (event.data.source?.url === undefined ? null : urlHash(event.data.source.url)),
  ],
  ['said', 'text', ({ said }) => JSON.stringify(said)],
  ['entry', 'text', ({ event }) => JSON.stringify({ ...event.data, by: event.by })],
  ['remarks', 'text', ({ remarks }) => remarks && JSON.stringify(remarks)],
];

const TYPES = TIMELINE_COLUMNS.map(([, type]) => type);
/** Texts without line breaks and never null. */
const JSON_COLUMNS: ReadonlySet<string> = new Set(['said', 'entry']);

/** The timeline as a table for writing by COPY. */
export const TIMELINE: Table<TimelineRow> = {
  name: 'timeline',
  columns: TIMELINE_COLUMNS.map(([name]) => name),
  values: (row) => TIMELINE_COLUMNS.map(([, , of]) => of(row)),
};

const folded = memoize(fold);

/** URLs may be too long for an index: half of their sha256, in the form of a UUID, stands for them. */
export const urlHash = (url: string): string => hash('sha256', url).slice(0, 32);
