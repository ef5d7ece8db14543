import type { Type } from '@nestjs/common';
import { once } from 'node:events';
import { createLogger, Pools, Readiness, ServiceMetrics } from '#libs/platform';
import { BROKER, type Broker } from '#modules/messaging';
import { PlatformModule } from '#modules/platform';
import { DONE, exitAfter, FAILED } from './exit.js';
import type { Answers, FromPart, PartData, ToPart } from './forked-part.js';
import type { Part } from './parts.js';
import { createContext, ServiceRoot } from './start-service.js';

/** The main of the process of a part that `ForkedPart` has forked: works until it is asked to stop, or its parent is gone. */
export function runForked(module: Type, part: Part): void {
  // Ctrl-C in a terminal goes to the parent too, which asks when requests have ended.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => {});
  process.once('disconnect', () => process.exit(FAILED));
  const stopping = new AbortController();
  const answers: { [Q in keyof Answers]: () => Promise<Answers[Q]> } = {
    problem: async () => 'it is starting',
    metrics: async () => [],
  };
  process.on('message', (message: ToPart) => {
    if (message === 'stop') stopping.abort();
    else if ('ask' in message) void answers[message.ask]().then((answer) => send({ id: message.id, answer }));
    else void exitAfter(() => work(module, part, message, answers, stopping.signal));
  });
}

async function work(
  module: Type,
  part: Part,
  { database, settings }: PartData,
  answers: { [Q in keyof Answers]: () => Promise<Answers[Q]> },
  signal: AbortSignal,
): Promise<number> {
  const log = createLogger(settings.logLevel).child({ part });
  // Until it works its parent, which opens the same store, gives the same warnings.
  if (log.isLevelEnabled('error')) log.level = 'error';
  const pools = new Pools({ ...database, onLost: () => {}, close: async () => {} }, log);
  try {
    const imports = [PlatformModule.of(settings, log, pools, { part }), module];
    const app = await createContext({ module: ServiceRoot, imports }, log);
    const [readiness, metrics] = [app.get(Readiness), app.get(ServiceMetrics)];
    answers.problem = () => readiness.problemOf(part);
    answers.metrics = () => metrics.getMetricsAsJSON();
    await app.get<Broker | undefined>(BROKER)?.gate.prepare(signal);
    log.level = settings.logLevel;
    await send('ready');
    if (!signal.aborted) await once(signal, 'abort');
    await app.close().catch((error: unknown) => log.error({ err: error }, 'could not stop cleanly'));
    return DONE;
  } catch (error) {
    if (signal.aborted) return DONE;
    await send({ failure: (error as Error).message });
    return FAILED;
  }
}

const send = (message: FromPart): Promise<void> =>
  new Promise((resolve) => process.send!(message, undefined, undefined, () => resolve()));
