import { EventStore } from '#libs/log';
import { StatementIntake } from '#libs/intake';
import { createPool } from '#libs/platform';
import { inTurns, type Figure } from '../figure.js';
import type { Ground } from '../ground.js';
import { openWithPlaces, SHARDS, statementsOf } from '../statements.js';
import { bareRecorder } from './bare-recorder.js';
import { batchesOf, produce } from './bench-broker.js';
import { statementMessage } from './statement-messages.js';
import { commandsOn } from '../../support/commands.js';

const STATEMENTS = 30_000;
const PLACES = 2000;
/** As many connections as the service writes with. */
const WRITERS = 8;

/** Statements that are in the topic until all are in the store, against a bare consumer that inserts the same columns. */
export async function kafkaRecord(ground: Ground): Promise<Figure[]> {
  const { kafka, ...broker } = await ground.broker();
  const topics = await broker.topics();
  await produce(
    kafka,
    topics.statements,
    batchesOf(statementsOf(STATEMENTS, PLACES, 'kafka-record').map(statementMessage), 1000),
  );
  const registered = await ground.database();
  const registering = createPool(registered.url);
  await openWithPlaces(registering, PLACES);
  await registering.end();
  const batches: number[] = [];

  const on = async (
    of: string | undefined,
    use: (pool: ReturnType<typeof createPool>) => Promise<number>,
  ) => {
    const database = await ground.database(of);
    const pool = createPool(database.url, { max: WRITERS });
    const ms = await use(pool);
    await pool.end();
    await database.drop();
    return (STATEMENTS * 1000) / ms;
  };
  const ours = () =>
    on(registered.name, async (pool) => {
      const store = await EventStore.open(pool, {
        shards: SHARDS,
        onAppend: ({ events }) => void (events > 0 && batches.push(events)),
      });
      const stopping = new AbortController();
      let begin = 0;
      let recorded = 0;
      let running: Promise<void>;
      const took = await new Promise<number>((resolve, reject) => {
        const intake = new StatementIntake(kafka, {
          commands: commandsOn(store, ground.ruleset),
          topics,
          groupId: topics.freshGroup(),
          pool,
          onAssigned: () => (begin = performance.now()),
          onBatch: (batch) => {
            if (batch.dead.length > 0) reject(new Error(`not recorded: ${batch.dead[0]}`));
            if ((recorded += batch.messages) >= STATEMENTS) resolve(performance.now() - begin);
          },
          // It retries: the first consumer of a broker finds the coordinator still loading.
          onError: (error) => ground.say(`  ${String(error)}`),
        });
        running = intake.run(stopping.signal);
      });
      stopping.abort();
      await running!;
      return took;
    });
  const bare = () =>
    on(undefined, (pool) => bareRecorder(kafka, pool, topics.statements, topics.freshGroup(), STATEMENTS));

  await ours();
  await bare();
  batches.length = 0;
  const measured = await inTurns(ground.runs, ours, bare);
  await registered.drop();
  await topics.drop();
  return [
    {
      name: 'kafka-record',
      what: 'statements from the topic into the store, against a bare kafkajs eachBatch that parses and inserts the same columns by unnest',
      unit: 'statements/s',
      ...measured,
      aim: { of: 'ratio', atLeast: 0.5 },
      notes: { 'events an append': Math.round(batches.reduce((sum, one) => sum + one, 0) / batches.length) },
    },
  ];
}
