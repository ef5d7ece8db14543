import { setMaxListeners } from 'node:events';
import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Registry } from 'prom-client';
import { LOGGER, READ_POOL, SETTINGS, STOPPING } from './di-tokens.js';
import type { Logger } from './logs.js';
import { createMetrics, ServiceMetrics } from './metrics.js';
import { Pools } from './postgres/pools.js';
import { Readiness } from './readiness.js';
import type { Settings } from './settings.js';
import { openTracing } from './tracing/open-tracing.js';
import { type Tracing, TRACING } from './tracing/tracing.js';

/** What every module may inject. It is closed last: the pools, and then the database. */
@Global()
@Module({})
export class PlatformModule implements OnApplicationShutdown {
  /**
   * @param pools opened before Nest: an application that cannot be composed calls no hook that closes them
   * @param labels of the metrics of this process
   */
  static of(settings: Settings, log: Logger, pools: Pools, labels?: Record<string, string>): DynamicModule {
    const providers = [
      { provide: SETTINGS, useValue: settings },
      { provide: LOGGER, useValue: log },
      { provide: Pools, useValue: pools },
      { provide: READ_POOL, useFactory: () => pools.openReaders() },
      { provide: ServiceMetrics, useFactory: () => createMetrics(labels) },
      { provide: Registry, useExisting: ServiceMetrics },
      { provide: STOPPING, useFactory: stopping },
      { provide: TRACING, useFactory: () => openTracing(settings, log, labels?.part) },
      { provide: Readiness, useFactory: () => new Readiness(log) },
    ];
    return { module: PlatformModule, providers, exports: providers };
  }

  constructor(
    private readonly pools: Pools,
    @Inject(TRACING) private readonly tracing: Tracing | undefined,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.pools.close(), this.tracing?.close()]);
  }
}

/** Every task of the process listens to it: Node would warn of the eleventh. */
function stopping(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
