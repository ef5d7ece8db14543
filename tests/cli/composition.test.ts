import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ApiProcess } from '#apps/api/src/api.module.js';
import { AppModule } from '#apps/cli/src/app.module.js';
import { JobsProcess } from '#apps/jobs/src/jobs.module.js';
import { ProjectorProcess } from '#apps/projector/src/projector.module.js';
import { RecorderProcess } from '#apps/recorder/src/recorder.module.js';
import { RelayProcess } from '#apps/relay/src/relay.module.js';
import { Relay } from '#libs/feed';
import { StatementIntake } from '#libs/intake';
import { JobWorker } from '#libs/jobs';
import {
  BackgroundTask,
  createLogger,
  LOGGER,
  type Logger,
  Pools,
  readSettings,
  STOPPING,
} from '#libs/platform';
import { Projector } from '#libs/projection';
import { PARTS } from '#libs/service';
import { StreamController } from '#modules/http';
import { PlatformModule } from '#modules/platform';
import { freshDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database?.drop());

/** A composed application, without a broker at the address that its settings name. */
async function compose(
  module: Parameters<typeof Test.createTestingModule>[0]['imports'],
  steps: string[] = [],
) {
  const settings = readSettings({ DATABASE_URL: database.url, KAFKA_BROKERS: '127.0.0.1:1' });
  const log = createLogger('silent');
  const close = async () => void steps.push('the database is closed');
  const pools = new Pools({ url: database.url, embedded: false, onLost: () => {}, close }, log);
  const imports = [PlatformModule.of(settings, log, pools), ...module!];
  return Test.createTestingModule({ imports }).compile();
}

const WORK: Type[] = [StreamController, StatementIntake, Relay, Projector, JobWorker];

describe('Nest composes', () => {
  it.each<[string, Parameters<typeof compose>[0], Type[]]>([
    ['api', [ApiProcess], [StreamController]],
    ['recorder', [RecorderProcess], [StatementIntake]],
    ['relay', [RelayProcess], [Relay]],
    ['projector', [ProjectorProcess], [Projector]],
    ['jobs', [JobsProcess], [JobWorker]],
    ['start', [AppModule.of(PARTS)], [StreamController, StatementIntake, Relay, Projector]],
  ])('%s: what it works with, and nothing of the others', async (_, module, work) => {
    const app = await compose(module);
    const has = (type: Type) => {
      try {
        return app.get(type) !== undefined;
      } catch {
        return false;
      }
    };
    expect(WORK.filter(has)).toEqual(work);
    await app.close();
  });

  it('a stop ends work with its batch, and only then closes the database', async () => {
    const steps: string[] = [];
    const work = async (signal: AbortSignal) => {
      await once(signal, 'abort');
      await sleep(50);
      steps.push('the batch is done');
    };
    @Module({
      providers: [
        {
          provide: 'task',
          inject: [LOGGER, STOPPING],
          useFactory: (log: Logger, stopping: AbortController) => new BackgroundTask(work, log, stopping),
        },
      ],
    })
    class WorkModule {}
    const app = await compose([WorkModule], steps);
    await app.init();
    await app.close();
    expect(steps).toEqual(['the batch is done', 'the database is closed']);
  });
});
