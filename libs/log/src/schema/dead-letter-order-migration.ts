import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Dead letters are listed newest first, all or those of one outcome. */
export class DeadLetterOrder1764640000000 implements MigrationInterface {
  name = 'DeadLetterOrder1764640000000';

  async up(runner: QueryRunner): Promise<void> {
    const order = 'dead_at, origin_topic, origin_partition, origin_offset';
    await runner.query(`create index dead_letters_newest on claimline.dead_letters (${order})`);
    await runner.query(`create index dead_letters_outcome on claimline.dead_letters (outcome, ${order})`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index claimline.dead_letters_newest, claimline.dead_letters_outcome');
  }
}
