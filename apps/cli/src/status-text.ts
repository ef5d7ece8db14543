import type { ShardLag } from '#libs/read-models';

/** What `claimline status` tells. */
export interface Status {
  storeId: string;
  rulesetVersion: string;
  events: number;
  /** Events that the read models do not show yet. */
  lag: number;
  shards: ShardLag[];
  /** Topics that the log is given to. */
  relayed: { cluster: string; topic: string; events: number; lag: number }[];
  /** As far as `claimline dead-letters` has collected them. */
  deadLettersOpen: number;
}

/** The same for people. */
export function statusText({ storeId, rulesetVersion, events, lag, shards, relayed, deadLettersOpen }: Status): string {
  return [
    `store ${storeId}, ruleset ${rulesetVersion}`,
    `${count(events, 'event')} in ${count(shards.length, 'shard')}, read models ${level(lag)}`,
    ...relayed.map((topic) => `topic ${topic.topic} ${level(topic.lag)}`),
    ...(deadLettersOpen > 0 ? [`${count(deadLettersOpen, 'dead letter')} open: claimline dead-letters list`] : []),
    '',
    table(['shard', 'head', 'checkpoint', 'behind', 'seconds'], shards.map((shard) => [shard.shard, shard.head, shard.checkpoint, shard.lag.events, shard.lag.seconds.toFixed(1)])),
    '',
  ].join('\n');
}

const level = (lag: number) => (lag === 0 ? 'level' : `${lag} behind`);

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;

/** Columns of numbers, each as wide as it has to be. */
function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) => line.map((cell, column) => cell.padStart(widths[column]!)).join('  ')).join('\n');
}
