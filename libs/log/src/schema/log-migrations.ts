import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Trees1764200000001 } from './tree-migrations.js';
import { RelayTopics1764270000000 } from './relay-topics-migration.js';
import { Replays1764200000002 } from './replays-migration.js';
import { Restore1764200000005 } from './restore-migration.js';
import { Places1764300000000 } from './places-migration.js';
import { RulesetInForce1764400000000 } from './ruleset-in-force-migration.js';
import { Voidings1764400000001 } from './voidings-migration.js';
import { Append1764500000000 } from './append-migration.js';
import { Keys1764600000000 } from './keys-migration.js';
import { Audit1764600000110 } from './audit-migration.js';
import { Epochs1764633000000 } from './epochs-migration.js';
import { Sessions1764610000000 } from './sessions-migration.js';
import { SessionList1764650000135 } from './session-list-migration.js';
import { DeadLetterOrder1764640000000 } from './dead-letter-order-migration.js';
import { QuoteWords1764660000000 } from './quote-words-migration.js';

/** The system of record: the log of events, and the small write-side tables that change in the transaction of an append. */
export class Log1763800000000 implements MigrationInterface {
  name = 'Log1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [STORE, EVENTS, UNCHANGEABLE, STATEMENTS, REGISTER, RULESETS])
      await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('the log is not dropped by a migration: drop the database if that is what you want');
  }
}

/** The tables for Kafka: the cursors of the relay, dead letters, and the trace that an event is published with. */
export class Kafka1764040000000 implements MigrationInterface {
  name = 'Kafka1764040000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [TRACES, RELAY, DEAD_LETTERS]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'drop table claimline.dead_letters; drop table claimline.dead_letters_read; drop table claimline.relay_cursors',
    );
    await runner.query('alter table claimline.events drop column traceparent');
  }
}

/** Every migration of the schema `claimline`, oldest first. */
export const logMigrations = [
  Log1763800000000,
  Kafka1764040000000,
  Trees1764200000001,
  Replays1764200000002,
  Restore1764200000005,
  RelayTopics1764270000000,
  Places1764300000000,
  RulesetInForce1764400000000,
  Voidings1764400000001,
  Append1764500000000,
  Keys1764600000000,
  Audit1764600000110,
  Epochs1764633000000,
  Sessions1764610000000,
  DeadLetterOrder1764640000000,
  SessionList1764650000135,
  QuoteWords1764660000000,
];

const STORE = `
  create extension if not exists pg_trgm with schema public;

  create table claimline.store (
    id uuid primary key,
    shards int not null check (shards between 1 and 4096),
    created_at timestamptz not null default now()
  );
  create unique index store_is_one_row on claimline.store ((true));

  -- Room in the page for the new version of each row: every append moves heads.
  create table claimline.heads (
    shard smallint primary key,
    position bigint not null,
    recorded_at timestamptz,
    chain bytea not null
  ) with (fillfactor = 20);
`;

const EVENTS = `
  create table claimline.events (
    shard smallint not null,
    position bigint not null,
    recorded_at timestamptz not null,
    event_id uuid not null,
    type text not null,
    stream text not null,
    digest bytea not null,
    chain bytea not null,
    body text not null,
    primary key (shard, position),
    constraint events_event_id unique (event_id)
  );
  create index events_stream on claimline.events (stream, position);
`;

// Statement triggers, so that an edit that matches no row is refused too; enabled always, so that neither the owner nor
// session_replication_role can bypass them.
const UNCHANGEABLE = `
  create function claimline.refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception 'events are never changed: % on claimline.events is refused', tg_op using errcode = 'restrict_violation';
  end $$;
  create trigger events_are_never_changed before update or delete on claimline.events
    for each statement execute function claimline.refuse_change();
  create trigger events_are_never_truncated before truncate on claimline.events
    for each statement execute function claimline.refuse_change();
  alter table claimline.events enable always trigger events_are_never_changed;
  alter table claimline.events enable always trigger events_are_never_truncated;
`;

const STATEMENTS = `
  create table claimline.statement_ids (
    id uuid primary key,
    digest bytea not null,
    event_id uuid not null
  );
  comment on table claimline.statement_ids is 'ids of statements and retractions, one name space over all shards';

  create table claimline.marks (
    id uuid primary key,
    voided boolean not null,
    event_id uuid not null
  );
  comment on table claimline.marks is 'statements and retractions that were ever voided, with the event that marked them last';

  create table claimline.quotes (
    id uuid primary key,
    salt text,
    quote text,
    erased_at timestamptz,
    erased_by text,
    erase_reason text
  );
  comment on table claimline.quotes is 'quoted text by the id of its statement or retraction; salt and text are null once erased';
`;

const REGISTER = `
  create table claimline.places (
    id text collate "C" primary key,
    registered boolean not null,
    names jsonb not null,
    coordinates double precision[],
    country text,
    region text,
    within text,
    merged_into text,
    last_event uuid
  );
  comment on table claimline.places is 'every registered place, and every provisional one that a statement was recorded on';
  comment on column claimline.places.last_event is 'the event of the register that touched it last';

  create table claimline.place_names (
    folded text collate "C" not null,
    place_id text collate "C" not null references claimline.places,
    primary key (folded, place_id)
  );
  create index place_names_place on claimline.place_names (place_id);
  comment on table claimline.place_names is 'names of the register, folded; never those by which statements mention provisional places';
`;

const RULESETS = `
  create table claimline.rulesets (
    version text primary key,
    content text not null,
    digest text not null,
    first_used_at timestamptz not null default now()
  );
`;

const TRACES = `
  alter table claimline.events add column traceparent text;
  comment on column claimline.events.traceparent is 'the trace that the event came in with: no part of what is digested';
`;

const RELAY = `
  create table claimline.relay_cursors (
    cluster text collate "C" not null,
    topic text collate "C" not null,
    shard smallint not null,
    position bigint not null,
    primary key (cluster, topic, shard)
  ) with (fillfactor = 20);
  comment on table claimline.relay_cursors is
    'for each topic that events are sent to, the last position of each shard that it has acknowledged';
`;

const DEAD_LETTERS = `
  create table claimline.dead_letters (
    origin_topic text collate "C" not null,
    origin_partition int not null,
    origin_offset bigint not null,
    code text not null,
    detail text not null,
    key bytea,
    value bytea,
    headers text not null,
    dead_at timestamptz not null,
    outcome text check (outcome in ('retried', 'discarded')),
    decided_at timestamptz,
    decided_by text,
    event_id uuid,
    primary key (origin_topic, origin_partition, origin_offset)
  );
  create index dead_letters_open on claimline.dead_letters (origin_topic, origin_partition, origin_offset) where outcome is null;
  comment on table claimline.dead_letters is 'what the topic of dead letters holds, each once, and what became of it';

  create table claimline.dead_letters_read (
    cluster text collate "C" not null,
    topic text collate "C" not null,
    partition int not null,
    next_offset bigint not null,
    primary key (cluster, topic, partition)
  );
  comment on table claimline.dead_letters_read is 'how far the topic of dead letters is read';
`;
