import type { Ruleset, RulesetFile } from '#libs/domain';

/** The task of a rebuild. */
export interface RebuildSpec {
  rulesetVersion: string;
  /** The whole ruleset to fold with: a version can only be looked up once it was used. */
  ruleset: RulesetFile;
  /** Only report the places that would change their status. */
  compare: boolean;
}

export const rebuildSpec = ({ version, file }: Ruleset, compare: boolean): RebuildSpec => ({
  rulesetVersion: version,
  ruleset: file,
  compare,
});
