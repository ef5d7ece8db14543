import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Epochs: the log may have gone back where one begins (docs/decisions/119-epochs.md). */
export class Epochs1764633000000 implements MigrationInterface {
  name = 'Epochs1764633000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [TABLE, LINE, OPEN, CHECK]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop trigger events_are_of_the_present_epoch on claimline.events;
      alter table claimline.store drop column line;
      drop function claimline.before_events, claimline.check_line, claimline.open_epoch, claimline.present_epoch, claimline.line;
      drop table claimline.epochs`);
  }
}

const TABLE = `
  create table claimline.epochs (
    epoch bigint primary key,
    opened_at timestamptz not null,
    reason text not null,
    forks bigint[] not null,
    confirmed_at timestamptz
  );
  comment on table claimline.epochs is 'times at which the log may have gone back; the first epoch, 0, has no row';
  comment on column claimline.epochs.forks is 'for each shard, in order, the position up to which its events are those of earlier epochs';
  comment on column claimline.epochs.confirmed_at is
    'when an operator confirmed that events at repeated positions may be sent to the events topic';

  create function claimline.present_epoch() returns bigint language plpgsql as $$
  begin
    return coalesce((select max(epoch) from claimline.epochs), 0);
  end $$;
`;

// A promoted standby and a recovered backup are on a timeline of their own, a new cluster has another identifier, and a
// restored or copied database another oid.
const LINE = `
  create function claimline.line() returns text language plpgsql as $$
  begin
    return (select system_identifier from pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
      || '/' || (select oid from pg_database where datname = current_database());
  exception when insufficient_privilege or undefined_function or feature_not_supported then
    return null;
  end $$;
  comment on function claimline.line is 'which line of history the database is on; null where the server does not say it';

  alter table claimline.store add column line text default claimline.line();
  comment on column claimline.store.line is 'the line of history that the present epoch is on';
`;

// The number is the minute in which it begins, counted from 2026 on: a store that has lost an epoch with a restored copy must
// not open another one of the same number. Opened at the heads, it takes nothing from anybody: no reader is beyond them, unless
// the log has gone back.
const OPEN = `
  create function claimline.open_epoch(why text, known bigint[] default null, after bigint default 0) returns bigint language plpgsql as $$
  declare
    opened bigint;
  begin
    insert into claimline.epochs (epoch, opened_at, reason, forks)
    select greatest(claimline.present_epoch() + 1, after + 1, (extract(epoch from clock_timestamp()) / 60)::bigint - 29453760),
      date_trunc('milliseconds', clock_timestamp()), why,
      (select array_agg(least(h.position, known[h.shard + 1]) order by h.shard) from claimline.heads h)
    returning epoch into opened;
    return opened;
  end $$;
  comment on function claimline.open_epoch is
    'opens an epoch at the heads, or at lower positions up to which the log is known to be what it was';
`;

// A session stays on one server, and a server on one line as long as it takes writes: so a session looks once. Whoever comes
// first opens the epoch, before its first event; the others wait for the row of the store, and find it.
const CHECK = `
  create function claimline.check_line() returns void language plpgsql as $$
  declare
    here text;
  begin
    if current_setting('claimline.line', true) = 'checked' then
      return;
    end if;
    here := claimline.line();
    if here <> coalesce((select line from claimline.store), '') then
      perform from claimline.store for update;
      if here <> (select line from claimline.store) then
        perform claimline.open_epoch('the database is on another line of history: after a failover, or restored from a copy');
      end if;
      update claimline.store set line = here where line is distinct from here;
    end if;
    perform set_config('claimline.line', 'checked', false);
  end $$;
  comment on function claimline.check_line is 'opens an epoch where the database is on another line of history than before';

  create function claimline.before_events() returns trigger language plpgsql as $$
  begin
    perform claimline.check_line();
    return null;
  end $$;
  create trigger events_are_of_the_present_epoch before insert on claimline.events
    for each statement execute function claimline.before_events();
  alter table claimline.events enable always trigger events_are_of_the_present_epoch;
`;
