import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The function that appends: one round trip, in which the heads of the shards are held. */
export class Append1764500000000 implements MigrationInterface {
  name = 'Append1764500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(APPEND);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function claimline.append; drop function claimline.register_version');
  }
}

// Heads are locked in the order of shards and ids inserted in sorted order, so that writers never deadlock. The clock is
// read under the locks. A link is what `linkOf` makes of the link before it.
const APPEND = `
  create function claimline.register_version() returns uuid language plpgsql stable as $$
  begin
    return coalesce(
      (select event_id from claimline.events where stream = 'register' order by position desc limit 1),
      '00000000-0000-0000-0000-000000000000');
  end $$;
  comment on function claimline.register_version is 'the last event of the register of places; zeros where it has none';

  create function claimline.append(
    shards smallint[], event_ids uuid[], types text[], streams text[], digests bytea[], bodies text, traceparents text[],
    ids uuid[], contents bytea[], quoted int[], salts text[], quotes text[], provisional int[],
    clock timestamptz, register uuid,
    out moved smallint[], out after bigint[], out times text[], out known uuid[]
  ) language plpgsql as $$
  declare
    size constant int := coalesce((select max(s) from unnest(shards) s), 0) + 1;
    ends bigint[] := array_fill(null::bigint, array[size]);
    recorded timestamptz[] := array_fill(null::timestamptz, array[size]);
    stamps text[] := array_fill(null::text, array[size]);
    links bytea[] := array_fill(null::bytea, array[size]);
    positions bigint[] := array_fill(null::bigint, array[cardinality(shards)]);
    chain bytea[] := array_fill(null::bytea, array[cardinality(shards)]);
    head record;
    at int;
    added uuid[];
  begin
    perform set_config('synchronous_commit', 'on', true);
    for head in select * from claimline.heads h where h.shard = any(shards) order by h.shard for update loop
      moved := moved || head.shard;
      after := after || head.position;
      ends[head.shard + 1] := head.position;
      recorded[head.shard + 1] := head.recorded_at;
      links[head.shard + 1] := head.chain;
    end loop;
    if register <> claimline.register_version() then
      moved := null;
      return;
    end if;
    clock := coalesce(clock, date_trunc('milliseconds', clock_timestamp()));
    foreach at in array moved loop
      recorded[at + 1] := greatest(clock, recorded[at + 1]);
      stamps[at + 1] := to_char(recorded[at + 1] at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
      times := times || stamps[at + 1];
    end loop;
    if cardinality(array_remove(ids, null)) > 0 then
      with inserted as (
        insert into claimline.statement_ids (id, digest, event_id)
        select * from unnest(ids, contents, event_ids) n (id, digest, event_id) where n.id is not null order by n.id
        on conflict (id) do nothing returning id
      )
      select array_agg(id) into added from inserted;
      if coalesce(cardinality(added), 0) < cardinality(array_remove(ids, null)) then
        known := array(select n.id from unnest(ids) n (id) where n.id is not null except select unnest(added));
      end if;
    end if;
    for n in 1 .. cardinality(shards) loop
      continue when ids[n] = any(known);
      at := shards[n] + 1;
      if ends[at] is null then
        raise exception 'the store has no shard %', shards[n];
      end if;
      positions[n] := ends[at] + 1;
      ends[at] := positions[n];
      links[at] := sha256(links[at] || convert_to(
        shards[n] || ':' || positions[n] || ':' || stamps[at] || ':' || encode(digests[n], 'hex'), 'UTF8'));
      chain[n] := links[at];
    end loop;
    insert into claimline.events (shard, position, recorded_at, event_id, type, stream, digest, chain, body, traceparent)
    select n.shard, n.position, recorded[n.shard + 1], n.event_id, n.type, n.stream, n.digest, n.chain, n.body, n.traceparent
    from unnest(shards, positions, event_ids, types, streams, digests, chain, string_to_array(bodies, E'\\n'), traceparents)
      n (shard, position, event_id, type, stream, digest, chain, body, traceparent)
    where n.position is not null;
    if cardinality(quoted) > 0 then
      insert into claimline.quotes (id, salt, quote)
      select ids[q.n], q.salt, q.quote from unnest(quoted, salts, quotes) q (n, salt, quote) where positions[q.n] is not null;
    end if;
    if cardinality(provisional) > 0 then
      insert into claimline.places (id, registered, names)
      select distinct streams[n] collate "C" as id, false, '[]'::jsonb from unnest(provisional) n where positions[n] is not null
      order by id on conflict (id) do nothing;
    end if;
    update claimline.heads h set position = ends[h.shard + 1], recorded_at = recorded[h.shard + 1], chain = links[h.shard + 1]
    where h.shard = any(moved) and h.position < ends[h.shard + 1];
  end $$;
  comment on function claimline.append is
    'appends the events whose ids are not known, and returns what it found; nothing, where the register has another version';
`;
