import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The keys of callers (libs/access). */
export class Keys1764600000000 implements MigrationInterface {
  name = 'Keys1764600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(KEYS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table claimline.keys');
  }
}

// Times of use are written every half minute: room in the page for the new version of a row.
const KEYS = `
  create table claimline.keys (
    id text collate "C" primary key,
    name text not null,
    roles text[] not null check (cardinality(roles) > 0),
    hash bytea not null,
    former_hash bytea,
    former_until timestamptz,
    created_at timestamptz not null,
    created_by text,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    revoked_by text
  ) with (fillfactor = 50);
  comment on table claimline.keys is 'keys of callers, with their roles: of each only a hash is kept';
  comment on column claimline.keys.former_hash is 'that of the secret before the last rotation, which works until former_until';
`;
