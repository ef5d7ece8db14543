/** The topics of one installation (docs/asyncapi.yaml). */
export interface Topics {
  /** In: statements, and commands on them. */
  statements: string;
  /** Out: the log, partition = shard. */
  events: string;
  /** Out: messages that could not be recorded, unchanged. */
  deadLetters: string;
}

export const DEFAULT_PREFIX = 'claimline';

/** @param prefix distinguishes the installations that share a cluster: letters, digits, `.`, `_` and `-` */
export const topicsOf = (prefix: string = DEFAULT_PREFIX): Topics => ({
  statements: `${prefix}.statements.v1`,
  events: `${prefix}.events.v1`,
  deadLetters: `${prefix}.statements.dlq.v1`,
});
