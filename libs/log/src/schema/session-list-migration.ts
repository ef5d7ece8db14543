import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions are listed, newest first; cursors of lists have milliseconds. */
export class SessionList1764650000135 implements MigrationInterface {
  name = 'SessionList1764650000135';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      update claimline.sessions set created_at = date_trunc('milliseconds', created_at);
      create index sessions_age on claimline.sessions (created_at, id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index claimline.sessions_age');
  }
}
