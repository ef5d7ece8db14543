import type { Ruleset } from '#libs/domain';
import { Trees, type RulesetStore } from '#libs/event-store';
import {
  BrokerLink,
  createKafka,
  type createPool,
  type Database,
  type KafkaSettings,
  type Logger,
  Readiness,
  readSigningKey,
  type Settings,
} from '#libs/platform';
import {
  Completeness,
  createGeneration,
  findGeneration,
  MODEL_SCHEMA_VERSION,
  CheckpointWaiter,
  ReadModels,
  type Generation,
} from '#libs/read-models';
import { Jobs, type RequestNeeds } from '#libs/replay';
import { topicsOf, type Topics } from '#libs/wire';
import type { Kafka } from 'kafkajs';
import type { KeyObject } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { registerKafkaMetrics } from './kafka-metrics.js';
import { openLog, type Opening, type OpenLog } from './open-log.js';
import { readRuleset } from './ruleset-file.js';

type Pool = ReturnType<typeof createPool>;

/** Everything between the database and the processes: made once, used by all of them. */
export interface AppContext extends OpenLog {
  models: ReadModels;
  waiter: CheckpointWaiter;
  completeness: Completeness;
  jobs: Jobs;
  replayNeeds: RequestNeeds;
  trees: Trees;
  /** Signs checkpoints; undefined where the settings name no key. */
  checkpointKey: KeyObject | undefined;
  /** Of the projector only: its sessions show that a projector is at work. */
  projectorPool: Pool;
  /** Of what fills the tiles. */
  tilerPool: Pool;
  /** Of the relay. */
  relayPool: Pool;
  readiness: Readiness;
  /** Where the settings name one. */
  broker?: Broker | undefined;
}

/** Kafka, with the names of our topics and groups. */
export interface Broker {
  kafka: Kafka;
  topics: Topics;
  groups: { recorder: string; projector: string };
  metrics: ReturnType<typeof registerKafkaMetrics>;
}

/** The pool of projectors. */
export const PROJECTOR_POOL = 'project';

const READER_CONNECTIONS = 12;
const READ_TIMEOUT_MS = 15_000;
const PROJECTOR_CONNECTIONS = 6;
const TILER_CONNECTIONS = 1;
/** One connection holds the lock, one listens, one reads. */
const RELAY_CONNECTIONS = 3;

/**
 * Opens the log and the read models.
 * @throws as `openLog`, and where the ruleset file or the key of checkpoints is wrong or the read models have to be rebuilt first
 */
export async function createAppContext(
  database: Database,
  settings: Settings,
  log: Logger,
  opening: Opening = 'make',
): Promise<AppContext> {
  const checkpointKey =
    settings.checkpointKeyFile === undefined ? undefined : readSigningKey(settings.checkpointKeyFile);
  const opened = await openLog(database, settings, log, opening);
  try {
    const generation = await openGeneration(opened, await readRuleset(settings.rulesetFile), log, opening);
    const readerPool = opened.pool('read', READER_CONNECTIONS, READ_TIMEOUT_MS);
    const models = new ReadModels(readerPool, generation, opened.store.pool);
    const waiter = new CheckpointWaiter(readerPool, generation, {
      log: opened.store,
      onError: (error) => log.warn({ err: error }, 'progress of the read models could not be read'),
    });
    const completeness = new Completeness(opened.store, models, waiter);
    const trees = new Trees(readerPool, opened.store.id);
    opened.metrics.watchTrees(() => trees.lag());
    opened.metrics.watchLag(() => models.lag(opened.store));
    const jobs = new Jobs(opened.store.pool);
    opened.metrics.watchReplays(() => jobs.open());
    const readiness = new Readiness();
    readiness.add('database', async () => void (await opened.store.heads()));
    const broker = settings.kafka && brokerOf(settings.kafka, opened.registry, log);
    const link = broker && new BrokerLink(broker.kafka);
    if (link) {
      readiness.add('broker', () => link.problem());
      broker.metrics.watchGroups(link, {
        [broker.groups.recorder]: broker.topics.statements,
        [broker.groups.projector]: broker.topics.events,
      });
    }
    return {
      ...opened,
      models,
      waiter,
      completeness,
      jobs,
      replayNeeds: { presentRuleset: () => readRuleset(settings.rulesetFile), store: opened.store, broker },
      trees,
      checkpointKey,
      projectorPool: opened.pool(PROJECTOR_POOL, PROJECTOR_CONNECTIONS, 0),
      tilerPool: opened.pool('tile', TILER_CONNECTIONS, 0),
      relayPool: opened.pool('relay', RELAY_CONNECTIONS, 0),
      readiness,
      broker,
      async close() {
        await link?.close();
        await waiter.close();
        await opened.close();
      },
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function brokerOf(settings: KafkaSettings, registry: OpenLog['registry'], log: Logger): Broker {
  const { prefix } = settings;
  return {
    kafka: createKafka(settings, log),
    topics: topicsOf(prefix),
    groups: { recorder: `${prefix}.recorder`, projector: `${prefix}.projector` },
    metrics: registerKafkaMetrics(registry),
  };
}

/** The read models, with the ruleset they were derived with; a changed ruleset file takes effect by a rebuild only. */
async function openGeneration(
  { store, rulesets }: OpenLog,
  present: Ruleset,
  log: Logger,
  opening: Opening,
): Promise<Generation> {
  if (opening !== 'read') await rulesets.remember(present.file);
  const found = await findReadModels(store.pool, rulesets);
  if (!found) {
    await rulesets.remember(present.file);
    return { ...(await createGeneration(store.pool, present)), load: (version) => rulesets.ruleset(version) };
  }
  if (found.ruleset.version === present.version) return found;
  const versions = { inForce: found.ruleset.version, file: present.version };
  const version = '';
  if (isDeepStrictEqual({ ...found.ruleset.file, version }, { ...present.file, version }))
    log.info(
      versions,
      'the ruleset file has the same content as the ruleset in force, under another version: the next rebuild adopts it',
    );
  else
    log.warn(
      versions,
      'the ruleset file has another version than the read models: run `claimline rebuild` to adopt it',
    );
  return found;
}

/** The existing read models. @throws where they have to be rebuilt first */
export async function findReadModels(pool: Pool, rulesets: RulesetStore): Promise<Generation | undefined> {
  const found = await findGeneration(pool);
  if (!found) return undefined;
  if (found.layout !== MODEL_SCHEMA_VERSION)
    throw new Error(
      'the read models have the layout of another version of Claimline: run `claimline rebuild`',
    );
  const load = (version: string) => rulesets.ruleset(version);
  return { schema: found.schema, ruleset: await load(found.rulesetVersion), load };
}
