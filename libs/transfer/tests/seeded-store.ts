import type pg from 'pg';
import type { LocationId } from '#libs/domain';
import {
  RecordStatements,
  RetractStatement,
  SetStatementVoided,
  EraseQuote,
  ChangePlace,
} from '#libs/commands';
import { Register } from '#libs/places';
import { type EventStore } from '#libs/log';
import { input, openStore, valueOf } from '../../../tests/support/opened-store.js';
import { ruleset } from '../../../tests/support/test-log.js';
import { Random } from '../../../tests/support/random.js';
import { War } from '../../../tests/support/war.js';
import { commandsOn } from '../../../tests/support/commands.js';

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** A store with every type of event. */
export async function seededStore(statements = 150) {
  const { store, pool, close } = await openStore();
  await seed(store, statements);
  return { store, pool, close };
}

async function seed(store: EventStore, statements: number): Promise<void> {
  const register = new Register(store);
  const commands = commandsOn(store, ruleset);
  const war = new War(new Random(7), { places: 20, unknown: 5 });
  await register.reconcile(
    Array.from({ length: war.registered }, (_, at) => ({
      ...war.place(at),
      id: war.place(at).id as LocationId,
    })),
  );
  const said = Array.from({ length: statements }, () => war.statement());
  const receipts = (
    await commands.execute(
      new RecordStatements(said, { traceOf: (at) => (at % 3 === 0 ? TRACE : undefined) }),
    )
  ).map(valueOf);
  for (let at = 0; at < receipts.length; at += 10) {
    valueOf(
      await commands.execute(new RetractStatement(receipts[at]!.statementId!, war.retraction(said[at]!))),
    );
    valueOf(
      await commands.execute(
        new SetStatementVoided(receipts[at + 1]!.statementId!, true, {
          by: 'curator',
          reason: 'speakers swapped',
        }),
      ),
    );
    valueOf(
      await commands.execute(
        new SetStatementVoided(receipts[at + 1]!.statementId!, true, {
          by: 'another curator',
          reason: 'and the date',
        }),
      ),
    );
    if (at % 20 === 0)
      valueOf(
        await commands.execute(new SetStatementVoided(receipts[at + 1]!.statementId!, false, undefined)),
      );
  }
  const quoted = input({
    statementId: '11111111-1111-4111-8111-111111111111',
    source: { outlet: 'a.example', quote: 'We hold\nall of “it” \u2028 here' },
  });
  const erased = input({
    statementId: '22222222-2222-4222-8222-222222222222',
    source: { outlet: 'a.example', quote: 'to be erased' },
  });
  const repeat = input({ extraction: { method: 'rules', confidence: 0.5 }, by: 'worker-1' });
  const reported = input({
    location: {
      name: 'A tree line',
      country: 'UA',
      within: 'Kharkiv',
      code: { scheme: 'osm', value: 'n7' },
      coordinates: [37.6166, -0.0000004],
    },
  });
  (await commands.execute(new RecordStatements([quoted, erased, repeat, reported]))).forEach(valueOf);
  valueOf(
    await commands.execute(
      new EraseQuote('22222222-2222-4222-8222-222222222222', { by: 'court', reason: 'order 7' }),
    ),
  );
  const body = {
    retractionId: '33333333-3333-4333-8333-333333333333',
    statedAt: '2025-11-25',
    speaker: { party: 'russia' },
    source: { outlet: 'b.example', quote: 'We take it back' },
  };
  valueOf(await commands.execute(new RetractStatement('11111111-1111-4111-8111-111111111111', body)));
  valueOf(
    await commands.execute(
      new SetStatementVoided('33333333-3333-4333-8333-333333333333', true, {
        by: 'curator',
        reason: 'said of another town',
      }),
    ),
  );
  const [one, two, three] = [0, 1, 2].map((at) => war.place(at).id as LocationId) as [
    LocationId,
    LocationId,
    LocationId,
  ];
  valueOf(await commands.execute(new ChangePlace({ kind: 'merge', id: one, into: two })));
  valueOf(await commands.execute(new ChangePlace({ kind: 'merge', id: three, into: two })));
  valueOf(await commands.execute(new ChangePlace({ kind: 'unmerge', id: three })));
  valueOf(
    await commands.execute(new ChangePlace({ kind: 'position', id: two, coordinates: [-12.5, 50.25] })),
  );
  await store.pool.query(
    `insert into claimline.rulesets (version, content, digest)
     values ('r1', '{"version":"r1"}', encode(sha256('{"version":"r1"}'), 'hex'))`,
  );
}

/** Every row of every table that belongs to the log. */
export async function logTables(pool: pg.Pool): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {};
  for (const table of [
    'events',
    'heads',
    'statement_ids',
    'voidings',
    'quotes',
    'places',
    'place_names',
    'rulesets',
  ]) {
    const { rows } = await pool.query<{ row: string }>(
      `select t::text as row from claimline.${table} t order by t::text collate "C"`,
    );
    tables[table] = rows.map(({ row }) => row);
  }
  return tables;
}
