import { createKafka, type Logger, type Settings } from '#libs/platform';
import { PublishKind, RebuildKind, type ReplayBroker, type ReplayKind } from '#libs/replay';
import { topicsOf } from '#libs/wire';
import type { OpenLog } from './open-log.js';

/** Of a rebuild. */
const REBUILDERS = 10;

/** All kinds of runs that this product knows. */
export function replayKinds(
  { store, rulesets, pool }: OpenLog,
  settings: Settings,
  log: Logger,
): ReplayKind[] {
  const onError = (error: unknown) =>
    log.warn({ err: error }, 'a replay to a topic is waiting for the broker');
  return [
    new RebuildKind(pool('rebuild', REBUILDERS, 0), store, rulesets, { gentle: true }),
    new PublishKind(store, replayBroker(settings, log), onError),
  ];
}

/** Undefined where the settings name no broker. */
export const replayBroker = ({ kafka }: Settings, log: Logger): ReplayBroker | undefined =>
  kafka && { kafka: createKafka(kafka, log), topics: topicsOf(kafka.prefix) };
