import type { Ruleset, RulesetFile } from '#libs/domain';

/** What a rebuild is to do. */
export interface RebuildSpec {
  rulesetVersion: string;
  /** The ruleset to fold with, whole: that of a version can only be known once it was used. */
  ruleset: RulesetFile;
  /** Only to tell which places would change their status. */
  compare: boolean;
}

export const rebuildSpec = ({ version, file }: Ruleset, compare: boolean): RebuildSpec => ({
  rulesetVersion: version,
  ruleset: file,
  compare,
});
