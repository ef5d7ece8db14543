import { type Opening, readRuleset, type RulesetStore } from '#libs/log';
import { rightsError, type Logger, type Settings } from '#libs/platform';
import type pg from 'pg';
import { isDeepStrictEqual } from 'node:util';
import {
  createGeneration,
  findGeneration,
  MODEL_SCHEMA_VERSION,
  quoted,
  type Generation,
} from './tables/generation.js';
import { readForeignShards } from './tables/checkpoints.js';

/**
 * The read models, with the ruleset they were derived with; made where there are none. A changed ruleset file takes effect
 * by a rebuild only.
 * @throws where the ruleset file is wrong, or the read models have to be rebuilt first: also where the log has gone back without them
 */
export async function openGeneration(
  pool: pg.Pool,
  rulesets: RulesetStore,
  { rulesetFile }: Settings,
  log: Logger,
  opening: Opening = 'make',
): Promise<Generation> {
  const present = await readRuleset(rulesetFile);
  if (opening !== 'read') await rulesets.remember(present.file);
  const found = await findReadModels(pool, rulesets);
  if (!found) {
    await rulesets.remember(present.file);
    const made = await createGeneration(pool, present).catch((error: unknown) => {
      throw rightsError(error, 'make the tables of the read models');
    });
    return { ...made, load: (version) => rulesets.ruleset(version) };
  }
  const foreign = await readForeignShards(pool, quoted(found.schema));
  if (foreign.length > 0)
    throw new Error(
      `the read models hold events that the log does not have, in shards ${foreign.slice(0, 10).join(', ')}` +
        `${foreign.length > 10 ? ', ...' : ''}: the log has gone back without them. If no epoch says so yet ` +
        '(`claimline epoch list`), run `claimline epoch new`; then `claimline rebuild` (docs/operations.md)',
    );
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
export async function findReadModels(pool: pg.Pool, rulesets: RulesetStore): Promise<Generation | undefined> {
  const found = await findGeneration(pool);
  if (!found) return undefined;
  if (found.layout !== MODEL_SCHEMA_VERSION)
    throw new Error(
      'the read models have the layout of another version of Claimline: run `claimline rebuild`',
    );
  const load = (version: string) => rulesets.ruleset(version);
  return { schema: found.schema, ruleset: await load(found.rulesetVersion), load };
}
