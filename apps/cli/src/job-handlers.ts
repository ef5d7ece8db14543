import { createKafka, type Logger, type Settings } from '#libs/platform';
import { PublishJobHandler, RebuildJobHandler, type JobBroker, type JobHandler } from '#libs/jobs';
import { topicsOf } from '#libs/messaging';
import type { OpenLog } from './open-log.js';

/** Of a rebuild. */
const REBUILD_CONNECTIONS = 10;

/** All kinds of runs that this product knows. */
export function jobHandlers(
  { store, rulesets, pool }: OpenLog,
  settings: Settings,
  log: Logger,
): JobHandler[] {
  const onError = (error: unknown) =>
    log.warn({ err: error }, 'a replay to a topic is waiting for the broker');
  return [
    new RebuildJobHandler(pool('rebuild', REBUILD_CONNECTIONS, 0), store, rulesets, { lowPriority: true }),
    new PublishJobHandler(store, jobBroker(settings, log), onError),
  ];
}

/** Undefined where the settings name no broker. */
export const jobBroker = ({ kafka }: Settings, log: Logger): JobBroker | undefined =>
  kafka && { kafka: createKafka(kafka, log), topics: topicsOf(kafka.prefix) };
