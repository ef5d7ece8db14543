import { RebuildKind, type ReplayKind } from '#libs/replay';
import type { OpenLog } from './open-log.js';

/** Of a rebuild. */
const REBUILDERS = 10;

/** All kinds of runs that this product knows. */
export function replayKinds({ store, rulesets, pool }: OpenLog): ReplayKind[] {
  return [new RebuildKind(pool('rebuild', REBUILDERS, 0), store, rulesets)];
}
