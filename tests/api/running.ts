import type { DynamicModule } from '@nestjs/common';
import { AppModule } from '#apps/cli/src/app.module.js';
import { createLogger, type Logger, readSettings } from '#libs/platform';
import { allParts } from '#libs/service';
import { type Service, startService } from '#modules/service';
import { freshDatabase } from '../support/database.js';

/** The whole service in this process, on a database of its own. */
export interface Running {
  url: string;
  databaseUrl: string;
  service: Service;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Records a statement and waits until the read models have it. */
  record(change?: object): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // The tests look at what comes back as a client would.
  // oxlint-disable-next-line no-explicit-any
  json: any;
}

export const PLAIN = {
  stance: 'assert',
  claim: { predicate: 'captured', actor: 'russia' },
  location: { name: 'Kupyansk', region: 'Kharkiv', country: 'UA' },
  speaker: { name: 'Valery Gerasimov', party: 'russia' },
  statedAt: '2025-11-20',
};

/**
 * @param env DATABASE_URL in it is somebody else's to drop; KAFKA_BROKERS makes it work with all parts
 * @param modules that the service has besides its own
 */
export async function startRunning(
  env: Record<string, string> = {},
  log: Logger = createLogger('silent'),
  modules: DynamicModule[] = [],
): Promise<Running> {
  const database =
    env.DATABASE_URL === undefined ? await freshDatabase() : { url: env.DATABASE_URL, drop: async () => {} };
  const settings = readSettings({ DATABASE_URL: database.url, PORT: '0', ...env });
  const parts = allParts(settings);
  const app = AppModule.of(parts);
  const imports = [...app.imports!, ...modules];
  const service = await startService({ ...app, imports }, parts, settings, log);
  const url = service.url;
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: answer.status, headers: answer.headers, text, json };
  };
  const get = (path: string, headers?: Record<string, string>) => send('GET', path, undefined, headers);
  return {
    url,
    databaseUrl: database.url,
    service,
    send,
    get,
    async record(change = {}) {
      const answer = await send('POST', '/v1/statements', { ...PLAIN, ...change });
      if (answer.status >= 300) throw new Error(answer.text);
      await get(`/v1/locations/${answer.json.locationId}?after=${answer.json.token}`);
      return answer;
    },
    async stop() {
      await service.stop();
      await database.drop();
    },
  };
}
