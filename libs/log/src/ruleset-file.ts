import { readFile } from 'node:fs/promises';
import { parseRuleset, type Ruleset } from '#libs/domain';
import { packagePath, type Settings, SettingsError } from '#libs/platform';
import type { RulesetStore } from './ruleset-store.js';

/** The ruleset of a file, or the one that ships with the product. @throws SettingsError naming the file and every fault */
export async function readRuleset(file = packagePath('rulesets', 'russia-ukraine.json')): Promise<Ruleset> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new SettingsError(`the ruleset file ${file} cannot be read: ${(error as Error).message}`);
  }
  const parsed = parseRuleset(json);
  if (parsed.ok) return parsed.ruleset;
  throw new SettingsError(
    `ruleset ${file}:\n${parsed.faults.map(({ pointer, detail }) => `  ${pointer} ${detail}`).join('\n')}`,
  );
}

/** The ruleset in force; before the first read models are made, that of the settings. */
export async function rulesetInForce(
  rulesets: RulesetStore,
  { rulesetFile }: Pick<Settings, 'rulesetFile'>,
): Promise<Ruleset> {
  return (await rulesets.findInForce()) ?? readRuleset(rulesetFile);
}
