import type { EventStore, RulesetStore } from '#libs/log';
import { topicsOf } from '#libs/messaging';
import { createKafka, type Logger, type Pools, type Settings } from '#libs/platform';
import type { JobHandler } from './job-handler.js';
import { type JobBroker, PublishJobHandler } from './publish/publish-job.js';
import { RebuildJobHandler } from './rebuild/rebuild-job.js';

/** Of a rebuild. */
const REBUILD_CONNECTIONS = 10;

/** All kinds of runs that this product knows. */
export function jobHandlers(
  store: EventStore,
  rulesets: RulesetStore,
  pools: Pools,
  settings: Settings,
  log: Logger,
): JobHandler[] {
  const onError = (error: unknown) =>
    log.warn({ err: error }, 'a replay to a topic is waiting for the broker');
  return [
    new RebuildJobHandler(pools.open('rebuild', REBUILD_CONNECTIONS, 0), store, rulesets, {
      lowPriority: true,
    }),
    new PublishJobHandler(store, jobBroker(settings, log), onError),
  ];
}

/** Undefined where the settings name no broker. */
export const jobBroker = ({ kafka }: Settings, log: Logger): JobBroker | undefined =>
  kafka && { kafka: createKafka(kafka, log), topics: topicsOf(kafka.prefix) };
