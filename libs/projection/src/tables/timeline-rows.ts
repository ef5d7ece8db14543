import { hash } from 'node:crypto';
import {
  fold,
  isClaim,
  isOperation,
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
import { CopyWriter, type Table, type Value } from './copying.js';

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
 * Writes the statements of a batch into the timeline, and adds retractions and voids to theirs. Skips events of the register and of operations.
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
    else if (!isRegister(event) && !isOperation(event)) later.push(event);
  return { rows, later };
}

function applyToRow(row: RemarkedStatement | undefined, event: PlacedEvent): void {
  if (!row)
    throw new Error(
      `event ${event.eventId} (${event.shard}:${event.position}) is about statement ${event.statementId}, which is not in the timeline`,
    );
  applyToStatement(row.said, event as Parameters<typeof applyToStatement>[1]);
  (row.remarks ??= {})[event.eventId] = { ...event.data, by: event.by, onBehalfOf: event.onBehalfOf };
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

/** While so many bytes of rows are written, the next are made. */
const COPY_BYTES = 500_000;

async function insertRows(
  db: Db,
  schema: string,
  ruleset: Ruleset,
  rows: readonly RecordedRow[],
): Promise<void> {
  const writer = new CopyWriter(db, schema, COPY_BYTES);
  for (const row of rows) {
    writer.add(TIMELINE, timelineRow(row, ruleset));
    if (writer.isFull) await writer.flushIfFull();
  }
  await writer.close();
}

/** A row of the timeline to write. */
export interface TimelineRow extends RecordedRow {
  interpretation: Interpretation;
}

export const timelineRow = (row: RecordedRow, ruleset: Ruleset): TimelineRow => ({
  ...row,
  interpretation: interpret(row.said, ruleset),
});

type Column = readonly [name: string, of: (row: TimelineRow) => Value];

const TIMELINE_COLUMNS: readonly Column[] = [
  ['statement_id', ({ said }) => said.statementId],
  ['event_id', ({ said }) => said.eventId],
  ['location_id', ({ event }) => event.stream],
  ['shard', ({ said }) => said.shard],
  ['position', ({ said }) => said.position],
  ['recorded_at', ({ said }) => said.recordedAt],
  ['stated_at', ({ said }) => said.statedAt],
  ['published_at', ({ said }) => said.publishedAt],
  ['stance', ({ said }) => said.stance],
  ['predicate', ({ said }) => said.predicate],
  ['party', ({ interpretation }) => interpretation.speaker],
  ['side', ({ interpretation }) => interpretation.side],
  ['speaker', ({ said }) => (said.name === undefined ? null : folded(said.name))],
  [
    'outlet',
    ({ event }) => (event.data.source?.outlet === undefined ? null : folded(event.data.source.outlet)),
  ],
  ['url_hash', ({ event }) => (event.data.source?.url === undefined ? null : urlHash(event.data.source.url))],
  ['said', ({ said }) => JSON.stringify(said)],
  ['entry', ({ event }) => JSON.stringify({ ...event.data, by: event.by, onBehalfOf: event.onBehalfOf })],
  ['remarks', ({ remarks }) => remarks && JSON.stringify(remarks)],
];

/** The timeline as a table. */
export const TIMELINE: Table<TimelineRow> = {
  name: 'timeline',
  columns: TIMELINE_COLUMNS.map(([name]) => name),
  values: (row) => TIMELINE_COLUMNS.map(([, of]) => of(row)),
};

const folded = memoize(fold);

/** URLs may be too long for an index: half of their sha256, in the form of a UUID, stands for them. */
export const urlHash = (url: string): string => hash('sha256', url).slice(0, 32);
