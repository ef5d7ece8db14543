import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The table of voidings gets their name. */
export class Voidings1764400000001 implements MigrationInterface {
  name = 'Voidings1764400000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table claimline.marks rename to voidings;
      alter table claimline.voidings rename constraint marks_pkey to voidings_pkey;
      comment on table claimline.voidings is
        'statements and retractions that were ever voided, with the event that voided or reinstated them last';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table claimline.voidings rename constraint voidings_pkey to marks_pkey;
      alter table claimline.voidings rename to marks;
    `);
  }
}
