import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The cursor of the relay belongs to one topic: another topic of the same name is filled from the first event. */
export class RelayTopics1764270000000 implements MigrationInterface {
  name = 'RelayTopics1764270000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table claimline.relay_cursors add column topic_id text collate "C"');
    await runner.query(
      `comment on column claimline.relay_cursors.topic_id is
         'the id that the brokers gave the topic; null where they tell none, or did not when it was written'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table claimline.relay_cursors drop column topic_id');
  }
}
