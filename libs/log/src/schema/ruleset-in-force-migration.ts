import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The ruleset in force, by which events are decided on. A store that has read models takes theirs. */
export class RulesetInForce1764400000000 implements MigrationInterface {
  name = 'RulesetInForce1764400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(RULESET_IN_FORCE);
    const generations = (await runner.query(
      `select from pg_tables where schemaname = 'read_models' and tablename = 'generation'`,
    )) as unknown[];
    if (generations.length > 0) await runner.query(OF_THE_READ_MODELS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table claimline.ruleset_in_force');
  }
}

const RULESET_IN_FORCE = `
  create table claimline.ruleset_in_force (
    version text not null references claimline.rulesets
  );
  create unique index ruleset_in_force_is_one_row on claimline.ruleset_in_force ((true));
  comment on table claimline.ruleset_in_force is
    'the ruleset that events are decided with; it changes in the transaction that activates read models derived with it';
`;

// Read models of a ruleset that is not kept have to be rebuilt before anything else, and that puts one in force.
const OF_THE_READ_MODELS = `
  insert into claimline.ruleset_in_force (version)
  select version from claimline.rulesets join read_models.generation on ruleset_version = version
`;
