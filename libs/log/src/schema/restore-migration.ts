import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Marks a store that is being restored: until the end nothing else may work on it. */
export class Restore1764200000005 implements MigrationInterface {
  name = 'Restore1764200000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table claimline.store add column restoring boolean not null default false');
    await runner.query(
      `comment on column claimline.store.restoring is 'an archive is being restored into it: what it holds is not whole yet'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table claimline.store drop column restoring');
  }
}
