import type { Room, SessionProcess } from '#libs/platform';
import type { ShardLag } from '#libs/queries';
import type { JobState } from '#libs/jobs';

/** A run of a replay in the status. */
export interface Run {
  replayId: string;
  kind: string;
  state: JobState;
  done: number;
  total: number | null;
  rate: number | null;
  /** When it will be done at the present rate. */
  eta: string | null;
  createdAt: string;
  endedAt: string | null;
  error: string | null;
}

/** The report of `claimline status`. */
export interface Status {
  storeId: string;
  /** Null where there are no read models yet. */
  rulesetVersion: string | null;
  events: number;
  /** Events that the read models do not show yet. */
  lag: number;
  shards: ShardLag[];
  /** The processes that keep the read models up to date. */
  projectors: SessionProcess[];
  /** Topics that the log is relayed to. */
  relayed: { cluster: string; topic: string; events: number; lag: number }[];
  /** As far as `claimline dead-letters` has collected them. */
  deadLettersOpen: number;
  /** The room on the disk of the embedded database; null where the database is a server of your own, whose disk is not seen here. */
  room: (Room & { isFull: boolean }) | null;
  /** Those that are open, and the newest others. */
  runs: Run[];
}

/** The same for people. */
export function statusText({
  storeId,
  rulesetVersion,
  events,
  lag,
  shards,
  projectors,
  relayed,
  deadLettersOpen,
  room,
  runs,
}: Status): string {
  const ofShards = shards.map((shard) => [
    shard.shard,
    shard.head,
    shard.checkpoint,
    shard.lag.events,
    shard.lag.seconds.toFixed(1),
  ]);
  const ofRuns = runs.map((run) => [
    run.kind,
    run.state,
    progressText(run),
    pace(run),
    run.endedAt ?? run.eta ?? '',
    run.replayId,
  ]);
  return [
    `store ${storeId}${rulesetVersion === null ? '' : `, ruleset ${rulesetVersion}`}`,
    `${count(events, 'event')} in ${count(shards.length, 'shard')}, ` +
      (rulesetVersion === null ? 'no read models yet' : `read models ${level(lag)}`),
    projectors.length === 0
      ? 'no projector runs'
      : `projected by ${projectors.map(({ pid, host }) => `process ${pid}${host === null ? '' : ` at ${host}`}`).join(', ')}`,
    ...relayed.map((topic) => `topic ${topic.topic} ${level(topic.lag)}`),
    roomText(room),
    ...(deadLettersOpen > 0
      ? [`${count(deadLettersOpen, 'dead letter')} open: claimline dead-letters list`]
      : []),
    '',
    ...table(['shard', 'head', 'checkpoint', 'behind', 'seconds'], ofShards, 'padStart'),
    ...(runs.length > 0
      ? ['', ...table(['run', 'state', 'done', 'rate', 'end', 'id'], ofRuns, 'padEnd')]
      : []),
    ...runs.flatMap(({ replayId, error }) => (error === null ? [] : [`${replayId}: ${error}`])),
    '',
  ].join('\n');
}

const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 2 : 1)} GB`;

const roomText = (room: Status['room']) =>
  room === null
    ? 'room on the disk: not known, the database is a server of your own'
    : `room on the disk: ${gigabytes(room.freeBytes)} of ${gigabytes(room.totalBytes)} left in ${room.folder}` +
      (room.isFull ? '; it is full, nothing is recorded' : '');

const level = (lag: number) => (lag === 0 ? 'up to date' : `${lag} behind`);

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;

const progressText = ({ done, total }: Run) =>
  total === null
    ? String(done)
    : `${done} of ${total}${total > 0 ? ` (${Math.floor((done * 100) / total)} %)` : ''}`;

const pace = ({ state, rate }: Run) => (state === 'running' && rate !== null ? `${rate}/s` : '');

/** Lines with columns as wide as they have to be. */
function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  pad: 'padStart' | 'padEnd',
): string[] {
  const lines = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) =>
    line
      .map((cell, column) => cell[pad](widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
