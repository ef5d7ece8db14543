import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What commands of curators and operators are: the condition of their index, which a query has to repeat word for word. */
export const isAudited = `type not in ('claim.asserted', 'claim.denied', 'claim.retracted')`;

/** The index of the audit. Statements are not in it, so it costs their append nothing. */
export class Audit1764600000110 implements MigrationInterface {
  name = 'Audit1764600000110';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create index events_audit on claimline.events (type, recorded_at, shard, position) where ${isAudited}`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index claimline.events_audit');
  }
}
