import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLAIN } from '../api/running.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { startService } from '../support/service.js';
import { OtlpReceiver } from './otlp-receiver.js';

/** Writes the name of each package of OpenTelemetry that the process loads to standard error. */
const WATCH = `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    export const resolve = (name, context, next) => {
      if (name.startsWith('@opentelemetry/')) process._rawDebug('loads ' + name);
      return next(name, context);
    };\`));
`)}`;

describe('the processes of `claimline start`', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await freshDatabase()));
  afterAll(() => database.drop());

  /** Starts the service, sends it a statement with a trace, and stops it. @returns what it wrote */
  async function record(name: string, env: NodeJS.ProcessEnv, meanwhile?: () => Promise<unknown>) {
    const logFile = join(process.env.CLAIMLINE_TEST_TMP!, `${name}.log`);
    const service = await startService({
      logFile,
      nodeArgs: ['--import', WATCH],
      env: { DATABASE_URL: database.url, PORT: '0', PROJECTOR_PROCESS: 'true', ...env },
    });
    const answer = await fetch(`${service.url}/v1/statements`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent: TRACEPARENT },
      body: JSON.stringify({ ...PLAIN, location: { name } }),
    });
    expect(answer.status).toBe(201);
    await meanwhile?.();
    service.signal('SIGTERM');
    expect(await service.ended).toEqual({ code: 0, signal: null });
    return readFileSync(logFile, 'utf8');
  }
  const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
  const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;

  it('load no SDK of OpenTelemetry unless a collector is named', async () => {
    expect(await record('untraced', {})).not.toMatch(/loads @opentelemetry\/(sdk|exporter|core|resources)/);
  }, 120_000);

  it('trace one statement through both', async () => {
    const receiver = new OtlpReceiver();
    const endpoint = await receiver.start();
    const log = await record(
      'traced',
      { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_SCHEDULE_DELAY: '50' },
      () => receiver.until((spans) => spans.find(({ name }) => name === 'project')),
    );
    receiver.stop();
    expect(log).toContain('loads @opentelemetry/sdk-trace');
    const [request] = receiver.spans.filter(({ name }) => name === 'POST /v1/statements');
    const [project] = receiver.spans.filter(({ name }) => name === 'project');
    expect([request!.traceId, project!.traceId]).toEqual([TRACE_ID, TRACE_ID]);
    expect(project).toMatchObject({
      parentSpanId: request!.spanId,
      resource: { 'claimline.part': 'projector' },
    });
    expect(project!.resource['process.pid']).not.toBe(request!.resource['process.pid']);
  }, 120_000);
});
