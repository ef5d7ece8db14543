import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions of people who are signed in to the page. */
export class Sessions1764610000000 implements MigrationInterface {
  name = 'Sessions1764610000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SESSIONS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table claimline.sessions');
  }
}

const SESSIONS = `
  create table claimline.sessions (
    id uuid primary key,
    token_digest bytea not null constraint sessions_token unique,
    key_id text collate "C",
    issuer text collate "C",
    subject text collate "C",
    name text,
    roles text[],
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint sessions_stand_for_a_key_or_an_account check (
      case when key_id is null then issuer is not null and subject is not null and name is not null and roles is not null
      else issuer is null and subject is null and name is null and roles is null end)
  );
  create index sessions_key on claimline.sessions (key_id, created_at) where key_id is not null;
  create index sessions_account on claimline.sessions (issuer, subject, created_at) where issuer is not null;
  create index sessions_expiry on claimline.sessions (expires_at);
  comment on table claimline.sessions is 'who is signed in: a row is deleted when its session ends';
  comment on column claimline.sessions.token_digest is 'sha256 of the token in the cookie';
  comment on column claimline.sessions.roles is 'of an account, as at the sign-in; those of a key are looked up';
`;
