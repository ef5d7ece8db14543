import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { AppModule } from '#apps/cli/src/app.module.js';
import { KeyRing, Keys, NEEDS, type Operation, ROLES, type Role } from '#libs/access';
import { createLogger, Pools, readSettings } from '#libs/platform';
import { createApi } from '#modules/http';
import { PlatformModule } from '#modules/platform';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { valueOf } from '../support/opened-store.js';

@Module({})
class Root {}

interface Route {
  method: string;
  url: string;
  operation: Operation;
}

let database: TestDatabase;
let app: NestFastifyApplication;
let fastify: FastifyInstance;
const routes: Route[] = [];
/** A key of each role. */
const held = new Map<Role | undefined, string | undefined>([[undefined, undefined]]);

beforeAll(async () => {
  database = await freshDatabase();
  const log = createLogger('silent');
  const pools = new Pools(
    { url: database.url, embedded: false, onLost: () => {}, close: async () => {} },
    log,
  );
  const settings = readSettings({ DATABASE_URL: database.url });
  const imports = [PlatformModule.of(settings, log, pools), AppModule.of(['api'])];
  app = await createApi({ module: Root, imports }, log, settings);
  fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRoute', ({ method, url, config }) => {
    for (const one of [method].flat()) routes.push({ method: one, url, operation: config!.operation! });
  });
  await app.init();
  await fastify.ready();
  // Those were added before the hook.
  for (const [url, operation] of [
    ['/', 'getPage'],
    ['/assets/*', 'getPage'],
    ['/basemap.json', 'getPage'],
    ['/icon.svg', 'getPage'],
    ['/openapi.json', 'getOpenApi'],
    ['/docs', 'getDocs'],
    ['/docs/assets/swagger-ui.css', 'getDocs'],
    ['/docs/assets/swagger-ui-bundle.js', 'getDocs'],
  ] as const)
    if (fastify.hasRoute({ method: 'GET', url })) routes.push({ method: 'GET', url, operation });
  const keys = app.get(Keys);
  for (const role of ROLES) held.set(role, valueOf(await keys.create({ name: role, roles: [role] })).key);
  await app.get(KeyRing).refresh();
});
afterAll(async () => {
  await app?.close();
  await database?.drop();
});

/** Which roles may do what needs one. */
const HAVE: Record<Role, readonly (Role | undefined)[]> = {
  read: ROLES,
  ingest: ['ingest', 'admin'],
  curate: ['curate', 'admin'],
  operate: ['operate', 'admin'],
  admin: ['admin'],
};

/** Asks for something that fails once it is allowed, so that nothing is changed and no stream begins. */
async function ask({ method, url }: Route, key: string | undefined) {
  const reads = method === 'GET' || method === 'HEAD';
  return fastify.inject({
    method: method as 'GET',
    url: url.replaceAll(/:\w+/g, 'gn-1'),
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(reads ? { accept: 'application/nothing' } : { 'content-type': 'text/csv' }),
    },
    ...(!reads && method !== 'DELETE' && { payload: 'a,b' }),
  });
}

describe('what each route needs', () => {
  it('is decided for every route, and every decision has a route', () => {
    expect(routes.length).toBeGreaterThan(60);
    expect(routes.filter(({ operation }) => !(operation in NEEDS))).toEqual([]);
    const served = new Set(routes.map(({ operation }) => operation));
    expect(Object.keys(NEEDS).filter((operation) => !served.has(operation as Operation))).toEqual([]);
  });

  it.each(Object.keys(NEEDS) as Operation[])('%s: with every role, and without a key', async (operation) => {
    const need = NEEDS[operation];
    for (const route of routes.filter((one) => one.operation === operation))
      for (const [role, key] of held) {
        const answer = await ask(route, key);
        const what = `${route.method} ${route.url} as ${role}`;
        const code =
          answer.statusCode < 400 || route.method === 'HEAD'
            ? undefined
            : (answer.json<{ type: string }>().type.split(':').at(-1) as string);
        const allowed = need === 'nothing' || need === 'anyone' || HAVE[need].includes(role);
        if (allowed) expect([what, [401, 403].includes(answer.statusCode)]).toEqual([what, false]);
        else {
          expect([what, answer.statusCode]).toEqual([what, role === undefined ? 401 : 403]);
          expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="claimline"/);
          if (route.method === 'HEAD') continue;
          expect([what, code]).toEqual([what, role === undefined ? 'key-missing' : 'role-missing']);
          expect(answer.json<{ detail: string }>().detail).toContain(`the role ${need}`);
        }
      }
  });

  it('is needed by every path that the router may take for it', async () => {
    for (const url of ['/v1/keys/', '/v1/keys?limit=1', '//v1/keys', '/v1/%6beys', '/V1/keys']) {
      const { statusCode } = await fastify.inject({ method: 'GET', url });
      expect([url, [401, 404].includes(statusCode)]).toEqual([url, true]);
    }
  });

  it('is not needed to be told that there is no such path or method', async () => {
    expect((await fastify.inject({ method: 'GET', url: '/v1/nothing' })).statusCode).toBe(404);
    expect((await fastify.inject({ method: 'PUT', url: '/v1/statements' })).statusCode).toBe(405);
    expect((await fastify.inject({ method: 'OPTIONS', url: '/v1/keys' })).statusCode).toBe(204);
  });
});

describe('a route that nobody decided about', () => {
  it('is not added: the start ends', async () => {
    const pools = new Pools(
      { url: database.url, embedded: false, onLost: () => {}, close: async () => {} },
      createLogger('silent'),
    );
    const settings = readSettings({ DATABASE_URL: database.url });
    const imports = [PlatformModule.of(settings, createLogger('silent'), pools), AppModule.of(['api'])];
    const other = await createApi({ module: Root, imports }, createLogger('silent'), settings);
    const server = other.getHttpAdapter().getInstance();
    expect(() => server.get('/v1/undecided', async () => 'anything')).toThrow(
      'nobody has decided what GET /v1/undecided needs',
    );
    await other.close();
  });
});
