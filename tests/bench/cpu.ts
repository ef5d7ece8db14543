import { readFileSync } from 'node:fs';
import { childrenOf } from '../support/processes.js';

/** Of /proc/PID/stat. */
const TICKS_PER_SECOND = 100;

/** Seconds of processor time that a process has had so far (Linux); 0 once it is gone. */
export const cpuOf = (pid: number): number => ticksOf(pid, [11, 12]) / TICKS_PER_SECOND;

/** The same of a process and its children: of those that have ended, too, once it has waited for them. */
export const cpuWithChildren = (pid: number): number =>
  childrenOf(pid).reduce(
    (sum, child) => sum + cpuOf(child),
    ticksOf(pid, [11, 12, 13, 14]) / TICKS_PER_SECOND,
  );

function ticksOf(pid: number, at: readonly number[]): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return at.reduce((sum, one) => sum + Number(fields[one]), 0);
  } catch {
    return 0;
  }
}
