import type { Ruleset, RulesetFile } from '#libs/domain';

/** The task of a rebuild. */
export interface RebuildSpec {
  rulesetVersion: string;
  /** The whole ruleset to fold with: a version can only be looked up once it was used. */
  ruleset: RulesetFile;
  /** Only report the places that would change their status. */
  compare: boolean;
  /** Who has it done, where that is known: the event of the adoption of another ruleset names it. */
  signature?: string;
}

export const rebuildSpec = (
  { version, file }: Ruleset,
  compare: boolean,
  signature?: string,
): RebuildSpec => ({
  rulesetVersion: version,
  ruleset: file,
  compare,
  ...(signature !== undefined && { signature }),
});
