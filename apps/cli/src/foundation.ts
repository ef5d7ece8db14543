import { readFile } from 'node:fs/promises';
import { parseRuleset, type Ruleset, type RulesetFile } from '#libs/domain';
import { EventStore, migrate, Recorder, Register, RulesetStore } from '#libs/event-store';
import { checkServer, createMetrics, createPool, type Database, type Logger, type Settings } from '#libs/platform';
import { createGeneration, findGeneration, LAYOUT, Progress, ReadModels, type Generation } from '#libs/read-models';
import { shipped } from './product.js';
import { registerMetrics } from './store-metrics.js';

/** Everything that stands between the database and the processes: made once, used by all of them. */
export interface Foundation {
  store: EventStore;
  recorder: Recorder;
  register: Register;
  rulesets: RulesetStore;
  models: ReadModels;
  progress: Progress;
  registry: ReturnType<typeof createMetrics>;
  onProjected: (events: number) => void;
  pools: { write: ReturnType<typeof createPool>; read: ReturnType<typeof createPool>; project: ReturnType<typeof createPool> };
  close(): Promise<void>;
}

/**
 * Checks the server, brings the schema up to date and opens the log and the read models.
 * @throws where the server, the ruleset file or the number of shards does not fit
 */
export async function layFoundation(database: Database, settings: Settings, log: Logger): Promise<Foundation> {
  const onLostConnection = (error: Error) => log.warn({ err: error }, 'database connection lost');
  const pool = (name: string, max: number, statementTimeoutMs: number) => createPool(database.url, { max, statementTimeoutMs, applicationName: `claimline ${name}`, onLostConnection });
  const pools = { write: pool('write', 8, 60_000), read: pool('read', 12, 15_000), project: pool('project', 6, 0) };
  const close = async () => {
    await Promise.all(Object.values(pools).map((one) => one.end()));
  };
  try {
    const { warnings } = await checkServer(pools.write);
    for (const warning of warnings) log.warn(warning);
    await migrate(database.url);
    const registry = createMetrics();
    const metrics = registerMetrics(registry);
    const store = await EventStore.open(pools.write, { shards: settings.shards, onAppend: metrics.appended });
    const register = new Register(store);
    const rulesets = new RulesetStore(pools.write);
    const generation = await openGeneration(pools.project, rulesets, await readRuleset(settings.rulesetFile), log);
    const models = new ReadModels(pools.read, generation);
    const progress = new Progress(pools.read, generation, { onError: (error) => log.warn({ err: error }, 'progress of the read models could not be read') });
    metrics.watchLag(() => models.lag(store));
    return {
      store,
      register,
      recorder: new Recorder(store, register),
      rulesets,
      models,
      progress,
      registry,
      pools,
      onProjected: metrics.projected,
      async close() {
        await progress.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The ruleset of a file, or the one that ships with the product. @throws naming the file and every fault */
export async function readRuleset(file = shipped('rulesets', 'russia-ukraine.json')): Promise<RulesetFile> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new Error(`ruleset ${file}: ${(error as Error).message}`);
  }
  const parsed = parseRuleset(json);
  if (parsed.ok) return parsed.ruleset.file;
  throw new Error(`ruleset ${file}:\n${parsed.faults.map(({ pointer, detail }) => `  ${pointer} ${detail}`).join('\n')}`);
}

/** The read models, with the ruleset they were derived with; a changed file takes effect through a rebuild, never silently. */
async function openGeneration(pool: Foundation['pools']['project'], rulesets: RulesetStore, file: RulesetFile, log: Logger): Promise<Generation> {
  await rulesets.remember(file);
  const found = await findGeneration(pool);
  if (!found) return createGeneration(pool, rulesetOf(file));
  if (found.layout !== LAYOUT) throw new Error('the read models have the form of another version of Claimline: run `claimline rebuild`');
  if (found.rulesetVersion !== file.version)
    log.warn({ inForce: found.rulesetVersion, file: file.version }, 'the ruleset file has another version than the read models: run `claimline rebuild` to adopt it');
  const inForce = await rulesets.load(found.rulesetVersion);
  if (!inForce) throw new Error(`the read models were derived with ruleset ${found.rulesetVersion}, which is not kept: run \`claimline rebuild\``);
  return { schema: found.schema, ruleset: rulesetOf(inForce) };
}

export function rulesetOf(file: RulesetFile): Ruleset {
  const parsed = parseRuleset(file);
  if (!parsed.ok) throw new Error(`ruleset ${file.version} cannot be read`);
  return parsed.ruleset;
}
