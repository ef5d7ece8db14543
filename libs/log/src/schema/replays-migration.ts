import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Runs of replays: rebuilds of the read models, and replays of the history to a topic. */
export class Replays1764200000002 implements MigrationInterface {
  name = 'Replays1764200000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(REPLAYS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table claimline.replays');
  }
}

const REPLAYS = `
  create table claimline.replays (
    id uuid primary key,
    kind text collate "C" not null,
    spec text not null,
    state text collate "C" not null check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
    done bigint not null default 0,
    total bigint,
    rate double precision,
    cursor text,
    result text,
    error text,
    cancel_requested boolean not null default false,
    attempts int not null default 0,
    created_at timestamptz not null,
    started_at timestamptz,
    updated_at timestamptz not null,
    ended_at timestamptz
  ) with (fillfactor = 50);
  create index replays_newest on claimline.replays (created_at, id);
  create index replays_open on claimline.replays (created_at, id) where state in ('waiting', 'running');
  comment on table claimline.replays is 'runs of replays: what is asked for, how far it is, what it came to';
  comment on column claimline.replays.cursor is 'where it goes on when it is taken up again, in the words of its kind';
  comment on column claimline.replays.attempts is 'how often it was taken up since its cursor last moved';
`;
