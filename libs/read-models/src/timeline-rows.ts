import { fold, isClaim, isRegister, mark, read, said, sha256, type ClaimEvent, type Placed, type PlacedEvent, type Ruleset, type Said } from '#libs/domain';
import { joined, type Db } from './database.js';

/** What is shown of a retraction or a mark beside what `said` keeps of it, by the id of its event. */
export type Remarks = Record<string, object>;

interface Marked {
  said: Said;
  remarks: Remarks | null;
}

interface Row extends Marked {
  event: ClaimEvent & Placed;
}

/** Writes the statements of a batch into the timeline, and puts retractions and marks on theirs. Events of the register are left out. */
export async function recordStatements(db: Db, s: string, ruleset: Ruleset, events: readonly PlacedEvent[]): Promise<void> {
  const rows = new Map<string, Row>();
  const later: PlacedEvent[] = [];
  for (const event of events)
    if (isClaim(event)) rows.set(event.statementId!, { event, said: said(event), remarks: null });
    else if (!isRegister(event)) later.push(event);

  const marked = await findMarked(db, s, [...new Set(later.map(({ statementId }) => statementId!))].filter((id) => !rows.has(id)));
  for (const event of later) {
    const row = rows.get(event.statementId!) ?? marked.get(event.statementId!);
    if (!row) throw new Error(`event ${event.eventId} (${event.shard}:${event.position}) is about statement ${event.statementId}, which is not in the timeline`);
    mark(row.said, event as Parameters<typeof mark>[1]);
    (row.remarks ??= {})[event.eventId] = { ...event.data, by: event.by };
  }
  if (rows.size > 0) await insertRows(db, s, ruleset, [...rows.values()]);
  if (marked.size > 0) await updateMarked(db, s, [...marked.values()]);
}

async function findMarked(db: Db, s: string, ids: readonly string[]): Promise<Map<string, Marked>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<{ id: string; said: string; remarks: string | null }>(
    `select statement_id as id, said, remarks from ${s}.timeline where statement_id = any($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map(({ id, said, remarks }) => [id, { said: JSON.parse(said) as Said, remarks: remarks && (JSON.parse(remarks) as Remarks) } as Marked]));
}

async function updateMarked(db: Db, s: string, rows: readonly Marked[]): Promise<void> {
  await db.query(
    `update ${s}.timeline t set said = n.said, remarks = n.remarks
     from unnest($1::uuid[], $2::text[], $3::text[]) n (id, said, remarks) where t.statement_id = n.id`,
    [rows.map(({ said }) => said.statementId), rows.map(({ said }) => JSON.stringify(said)), rows.map(({ remarks }) => JSON.stringify(remarks))],
  );
}

async function insertRows(db: Db, s: string, ruleset: Ruleset, rows: readonly Row[]): Promise<void> {
  const readings = rows.map((row) => read(row.said, ruleset));
  const column = <T>(of: (row: Row, at: number) => T) => rows.map(of);
  await db.query(
    `insert into ${s}.timeline (statement_id, event_id, location_id, shard, position, recorded_at, stated_at, published_at, stance, predicate,
       party, side, speaker, outlet, url_hash, said, entry, remarks)
     select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::smallint[], $5::bigint[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[],
       $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::uuid[], string_to_array($16, chr(10)), string_to_array($17, chr(10)), $18::text[])`,
    [
      column(({ said }) => said.statementId),
      column(({ said }) => said.eventId),
      column(({ event }) => event.stream),
      column(({ said }) => said.shard),
      column(({ said }) => said.position),
      column(({ said }) => said.recordedAt),
      column(({ said }) => said.statedAt),
      column(({ said }) => said.publishedAt),
      column(({ said }) => said.stance),
      column(({ said }) => said.predicate),
      column((_, at) => readings[at]!.speaker),
      column((_, at) => readings[at]!.side),
      column(({ said }) => (said.name === undefined ? null : fold(said.name))),
      column(({ event }) => (event.data.source?.outlet === undefined ? null : fold(event.data.source.outlet))),
      column(({ event }) => (event.data.source?.url === undefined ? null : urlHash(event.data.source.url))),
      joined(column(({ said }) => JSON.stringify(said))),
      joined(column(({ event }) => JSON.stringify({ ...event.data, by: event.by }))),
      column(({ remarks }) => remarks && JSON.stringify(remarks)),
    ],
  );
}

/** URLs may be longer than an index takes: half of their sha256 stands for them, in the form of a UUID. */
export const urlHash = (url: string): string => sha256(url).toString('hex').slice(0, 32);
