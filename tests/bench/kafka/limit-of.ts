/** How a number of processes did. */
export interface Scaled {
  processes: number;
  perSecond: number;
  /** Cores that these processes kept busy, all together. */
  nodeCores: number;
  /** Cores of the machine that were busy, with all that ran. */
  busyCores: number;
  /** What sessions in a transaction did, the most frequent first, with its share. */
  doing: ReadonlyMap<string, number>;
}

/** Less than this much more with more processes is none. */
const GROWTH = 1.1;
const BUSY = 0.9;

/** Where more processes are no faster, and why, in words. @param scaled by the number of processes, fewest first */
export function limitOf(scaled: readonly Scaled[], cores: number): string {
  const last = scaled.findIndex((one, at) => {
    const next = scaled[at + 1];
    return !next || next.perSecond < one.perSecond * GROWTH;
  });
  const [at, next] = [scaled[last]!, scaled[last + 1]];
  if (!next) return `not by ${at.processes}`;
  return `at ${at.processes} (${next.processes}: ${(next.perSecond / at.perSecond).toFixed(2)} times): ${reason(next, cores)}`;
}

function reason({ processes, nodeCores, busyCores, doing }: Scaled, cores: number): string {
  if (busyCores >= BUSY * cores)
    return `all cores of the machine are busy (${busyCores.toFixed(1)} of ${cores})`;
  if (nodeCores >= BUSY * processes) return 'the threads of Node are busy';
  const [first] = [...doing.keys()].filter((what) => what !== 'Client:ClientRead');
  if (first === undefined) return 'the processes wait for messages';
  return first === 'running' ? 'PostgreSQL works for them' : `sessions wait, most for ${first}`;
}
