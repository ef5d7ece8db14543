import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import pg from 'pg';
import { runChaos } from './chaos.js';
import { whyNot, type WorldFault } from './world.js';

const SEED = Math.floor(Math.random() * 2 ** 31);

test(`what is acknowledged survives kill -9 of the service and of PostgreSQL (seed ${SEED})`, async () => {
  const sabotage: string[][] = [];
  const report = await runChaos({
    rounds: 10,
    seed: SEED,
    loadMs: 2500,
    folder: join(process.env.CLAIMLINE_TEST_TMP!, `chaos-${process.pid}`),
    atEnd: async ({ audit, ledger, databaseUrl }) => {
      // The audit must be able to fail.
      const { statementId, answer } = ledger.acknowledged[0]!;
      const asItWas = () => audit.whole(databaseUrl);
      ledger.answers.set('never-recorded', answer);
      sabotage.push(await asItWas());
      ledger.answers.delete('never-recorded');
      const sent = ledger.sent.get(statementId)!;
      ledger.sent.delete(statementId);
      sabotage.push(await asItWas());
      ledger.sent.set(statementId, sent);
      await changing(
        databaseUrl,
        `update read_models.location_state set state = jsonb_set(state::jsonb, '{statements}', '0')::text
         where id = (select id from read_models.location_state where statements > 0 limit 1)`,
      );
      sabotage.push(await asItWas());
      await changing(
        databaseUrl,
        `alter table claimline.events disable trigger all; delete from claimline.events where event_id = '${answer.eventId}'`,
      );
      sabotage.push(await asItWas());
    },
  });
  expect({ faults: report.faults, rounds: report.rounds }).toEqual({ faults: [], rounds: 10 });
  expect(sabotage.map((faults) => faults.join('\n'))).toEqual([
    expect.stringMatching(/LOST: never-recorded/),
    expect.stringMatching(/nobody sent/),
    expect.stringMatching(/the state has/),
    expect.stringMatching(/verify: (.|\n)*LOST/),
  ]);
}, 600_000);

/** Faults of the world that are tried together, where they can be. */
const WORLDS: readonly (readonly WorldFault[])[] = [
  ['stop', 'cuts', 'clock'],
  ['disk', 'dates'],
];
const TRIED = WORLDS.map((faults) => faults.filter((fault) => whyNot(fault) === undefined));

test.each(TRIED.map((faults) => [faults.join(', '), faults] as const))(
  `what is acknowledged survives %s (seed ${SEED})`,
  async (name, faults) => {
    const report = await runChaos({
      rounds: 5,
      seed: SEED,
      loadMs: 2500,
      faults,
      folder: join(process.env.CLAIMLINE_TEST_TMP!, `world-${name.replaceAll(', ', '-')}-${process.pid}`),
    });
    expect({ faults: report.faults, rounds: report.rounds }).toEqual({ faults: [], rounds: 5 });
  },
  600_000,
);

async function changing(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}
