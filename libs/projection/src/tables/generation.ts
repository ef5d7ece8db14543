import type { Ruleset } from '#libs/domain';
import { inTransaction, type Db } from '#libs/platform';
import pg from 'pg';

/** The schema of the active generation (default): services read it, and its ruleset is in force. */
export const READ_MODELS = 'read_models';

/**
 * The version of the tables below and of the rules that fill them: incremented with each change, so that an older generation is
 * recognized.
 */
export const MODEL_SCHEMA_VERSION = 5;

/** The tables that are derived from the log, without those that hold its progress. */
export const TABLES = ['timeline', 'location', 'location_state', 'state_history'] as const;

/** One set of read models: its schema, and the ruleset that it was derived with. */
export interface Generation {
  schema: string;
  /** As known to this process: another generation may have taken the place of this one. */
  ruleset: Ruleset;
  /** Reads the ruleset of a version that was ever used. Without it, a generation of another ruleset is an error. */
  load?: (version: string) => Promise<Ruleset>;
}

/** The ruleset that the rows in the schema are derived with, by the version stored with them. */
export async function rulesetOf(generation: Generation, version: string): Promise<Ruleset> {
  if (generation.ruleset.version === version) return generation.ruleset;
  if (!generation.load)
    throw new Error(`the read models in ${generation.schema} are now derived with ruleset ${version}`);
  return (generation.ruleset = await generation.load(version));
}

/** The schema's name, quoted for SQL. */
export const quoted = (schema: string): string => pg.escapeIdentifier(schema);

/**
 * Creates an empty generation of read models with all keys and indexes; does nothing if there is one of the same ruleset.
 * @throws Error if there is one of another ruleset
 */
export async function createGeneration(
  pool: pg.Pool,
  ruleset: Ruleset,
  schema: string = READ_MODELS,
): Promise<Generation> {
  await inTransaction(pool, async (db) => {
    // If several processes start at once, the first creates it; the others wait here and find it.
    await db.query(`select pg_advisory_xact_lock(hashtext('claimline.generation'))`);
    const found = await findGeneration(db, schema);
    if (!found) {
      await createTables(db, schema, ruleset);
      for (const statement of [...keysOf(schema), ...indexesOf(schema)]) await db.query(statement);
      await putInForce(db, schema, ruleset);
    } else if (found.rulesetVersion !== ruleset.version)
      throw new Error(
        `the read models in ${schema} were derived with ruleset ${found.rulesetVersion}, not ${ruleset.version}`,
      );
  });
  return { schema, ruleset };
}

/** Creates the tables alone: without keys and indexes they are filled faster. */
export async function createTables(db: Db, schema: string, ruleset: Ruleset): Promise<void> {
  await db.query('create extension if not exists pg_trgm');
  await db.query(`create schema ${quoted(schema)}`);
  await db.query(tables(quoted(schema)));
  await db.query(`insert into ${quoted(schema)}.generation (ruleset_version, layout) values ($1, $2)`, [
    ruleset.version,
    MODEL_SCHEMA_VERSION,
  ]);
}

/**
 * Puts the ruleset of a generation in force, in the transaction that activates the generation. Only read models in the schema
 * that services read decide what is in force. @throws Error if the ruleset is not kept
 */
export async function putInForce(db: Db, schema: string, { version }: Ruleset): Promise<void> {
  if (schema !== READ_MODELS) return;
  await db.query(
    `insert into claimline.ruleset_in_force (version) values ($1)
     on conflict ((true)) do update set version = excluded.version`,
    [version],
  );
}

/** The SQL statements for the keys and the indexes that writing needs; they can run in parallel, except on the same table. */
export const keysOf = (schema: string): string[] => keys(quoted(schema));

/** The SQL statements for the indexes that only reading needs; they can run in parallel. */
export const indexesOf = (schema: string): string[] => indexes(quoted(schema));

/** The generation in a schema; undefined if there is none. Its `layout` is that of the version of this code that created it. */
export async function findGeneration(
  db: Db,
  schema: string = READ_MODELS,
): Promise<{ schema: string; rulesetVersion: string; layout: number } | undefined> {
  // Not to_regclass: a connection caches a failed look-up, even while it waits for the process that creates the schema.
  const { rowCount } = await db.query(
    `select from pg_tables where schemaname = $1 and tablename = 'generation'`,
    [schema],
  );
  if (rowCount === 0) return undefined;
  const { rows } = await db.query<{ rulesetVersion: string; layout: number }>(
    `select ruleset_version as "rulesetVersion", layout from ${quoted(schema)}.generation`,
  );
  return rows[0] && { schema, ...rows[0] };
}

/** The total order of statements, as columns: in code it is `compareStatements`. */
export const STATEMENT_ORDER = 'stated_at, published_at, statement_id';

const tables = (schema: string) => `
  create table ${schema}.generation (
    ruleset_version text not null,
    layout int not null
  );
  create unique index generation_is_one_row on ${schema}.generation ((true));

  create table ${schema}.checkpoint (
    shard smallint primary key,
    position bigint not null,
    recorded_at timestamptz
  ) with (fillfactor = 20);
  comment on table ${schema}.checkpoint is 'the last event applied of each shard';

  create table ${schema}.timeline (
    statement_id uuid not null,
    event_id uuid not null,
    location_id text collate "C" not null,
    shard smallint not null,
    position bigint not null,
    recorded_at timestamptz not null,
    stated_at timestamptz not null,
    published_at timestamptz not null,
    stance text collate "C" not null,
    predicate text collate "C" not null,
    -- The key of the party that spoke (Party.key), or of an independent.
    party text collate "C" not null,
    side text collate "C" not null,
    speaker text collate "C",
    outlet text collate "C",
    url_hash uuid,
    said text not null,
    entry text not null,
    remarks text
  );
  comment on table ${schema}.timeline is 'one row for each statement, under the place that it was recorded on';
  comment on column ${schema}.timeline.said is 'what folding reads: JSON of a RecordedStatement, with retractions and voidings';
  comment on column ${schema}.timeline.entry is 'what is shown of it: JSON of the data of its event';
  comment on column ${schema}.timeline.remarks is 'what is shown of retractions and voidings: JSON, by event id';

  create table ${schema}.location (
    id text collate "C" not null,
    root_id text collate "C" not null,
    first_recorded_at timestamptz not null,
    register text not null default '[]',
    name text,
    name_order text collate "C",
    search text,
    country text,
    region text,
    lon double precision,
    lat double precision,
    reported boolean not null default false
  );
  comment on table ${schema}.location is 'one row for each place; names and coordinates only for those that are not merged into another';
  comment on column ${schema}.location.first_recorded_at is
    'when the first event about the place itself was recorded: answers as known before then must omit it';
  comment on column ${schema}.location.register is 'JSON of the events of the register that touched it, in order';
  comment on column ${schema}.location.reported is
    'no register has its position: lon and lat are reported by statements, and differ between moments';
  comment on column ${schema}.location.search is 'names, folded, each after a space';

  create table ${schema}.location_state (
    id text collate "C" not null,
    tags text[] not null,
    statements int not null,
    first_stated_at timestamptz,
    last_stated_at timestamptz,
    last_recorded_at timestamptz not null,
    state text not null,
    etag text not null,
    history_digest text not null,
    status text collate "C" not null,
    since timestamptz,
    last_said_at timestamptz,
    control text not null,
    flags text not null
  ) with (toast_tuple_target = 8160);
  comment on table ${schema}.location_state is
    'the state of each place that is not merged into another; apart from location because it changes with every statement';
  comment on column ${schema}.location_state.tags is 'status, flags and holders, to filter by';
  comment on column ${schema}.location_state.state is 'the answer itself, as JSON';
  comment on column ${schema}.location_state.control is
    'what a map shows of it, as JSON: who claims and who denies; many places have the same';
  comment on column ${schema}.location_state.last_said_at is 'when a statement that a standing rests on was last stated';

  create table ${schema}.state_history (
    location_id text collate "C" not null,
    "from" timestamptz not null,
    "to" timestamptz,
    status text not null,
    rule text not null,
    holders text[] not null,
    event_id uuid not null
  );
`;

/** The keys and indexes that writing needs. */
const keys = (s: string): string[] => [
  `alter table ${s}.timeline add primary key (statement_id)`,
  `alter table ${s}.location add primary key (id) include (first_recorded_at)`,
  `create index location_root on ${s}.location (root_id)`,
  `alter table ${s}.location_state add primary key (id)`,
  `alter table ${s}.state_history add primary key (location_id, "from")`,
  `create index timeline_place on ${s}.timeline (location_id, ${STATEMENT_ORDER})`,
];

// A long list of pending entries makes a GIN index slow to read, and the planner avoids it.
const indexes = (s: string): string[] => [
  `create index timeline_order on ${s}.timeline (${STATEMENT_ORDER})`,
  `create index timeline_claim on ${s}.timeline (predicate, stance, ${STATEMENT_ORDER})`,
  `create index timeline_party on ${s}.timeline (party, ${STATEMENT_ORDER})`,
  `create index timeline_speaker on ${s}.timeline (speaker, ${STATEMENT_ORDER}) where speaker is not null`,
  `create index timeline_outlet on ${s}.timeline (outlet, ${STATEMENT_ORDER}) where outlet is not null`,
  `create index timeline_url on ${s}.timeline (url_hash, ${STATEMENT_ORDER}) where url_hash is not null`,
  `create index location_known on ${s}.location (first_recorded_at, id)`,
  `create index location_name on ${s}.location (name_order, id)`,
  `create index location_search on ${s}.location using gin (search gin_trgm_ops) with (fastupdate = off)`,
  `create index location_position on ${s}.location using gist (point(lon, lat))`,
  `create index location_region on ${s}.location (region, id)`,
  `create index location_reported on ${s}.location (id) where reported`,
  `create index location_state_changed on ${s}.location_state (last_recorded_at, id)`,
  `create index location_state_statements on ${s}.location_state (statements, id)`,
  `create index state_history_status on ${s}.state_history (status, location_id, "from")`,
  `create index state_history_from on ${s}.state_history (status, "from", location_id)`,
  `create index location_state_tags on ${s}.location_state using gin (tags) with (gin_pending_list_limit = 512)`,
];
