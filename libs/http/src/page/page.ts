import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { packagePath, type Settings, SettingsError } from '#libs/platform';
import { EMBEDDED } from '../edge/security-headers.js';
import { varyBy } from '../edge/vary.js';

const READING = new Set(['GET', 'HEAD']);
const YEAR_MS = 365 * 86_400_000;

/** The first part of a path: `places` of `/places/x`. */
const firstPart = (url: string): string => /^\/([^/?]*)/.exec(url)?.[1] ?? '';

/**
 * Serves the page at `/`, and under every path that a browser asks for and that is not below a path of the API: the page finds
 * out what to show. Without a build of it there is none.
 * @param folder of the build
 * @throws SettingsError where BASEMAP names a file that is not there
 */
export async function servePage(
  fastify: FastifyInstance,
  { basemap }: Pick<Settings, 'basemap'>,
  folder = packagePath('dist', 'web'),
): Promise<void> {
  const index = join(folder, 'index.html');
  if (!existsSync(index)) return;
  const page = readFileSync(index, 'utf8');
  const config = { operation: 'getPage' } as const;
  await fastify.register(fastifyStatic, { root: folder, serve: false, preCompressed: true });
  // Their names say what is in them.
  fastify.get('/assets/*', { config }, (request, reply) =>
    reply.sendFile(request.url.slice(1).split('?', 1)[0]!, { immutable: true, maxAge: YEAR_MS }),
  );
  const [mapFile, mapFolder] = fileOf(basemap, folder);
  fastify.get('/basemap.json', { config }, (_request, reply) =>
    reply.sendFile(mapFile, mapFolder, { cacheControl: false }),
  );
  fastify.get('/icon.svg', { config }, (_request, reply) =>
    reply.sendFile('icon.svg', { cacheControl: false }),
  );
  fastify.get('/', { config }, (request, reply) => send(request, reply, page));

  const taken = new Set<string>();
  fastify.addHook('onRoute', ({ url }) => void taken.add(firstPart(url)));
  fastify.addHook('onRequest', (request, reply, done) => {
    const isPage =
      request.is404 &&
      READING.has(request.method) &&
      !taken.has(firstPart(request.url)) &&
      /\btext\/html\b/.test(request.headers.accept ?? '');
    if (!isPage) return done();
    varyBy(reply, 'accept');
    void send(request, reply, page);
  });
}

/** The file of a base map and its folder. */
function fileOf(basemap: string, folder: string): [file: string, folder: string] {
  const [shipped, own] = [join(folder, 'basemap', `${basemap}.json`), resolve(basemap)];
  const path = [shipped, own].find((file) => existsSync(file));
  if (path === undefined) throw new SettingsError(`BASEMAP: there is no file ${own}`);
  return [basename(path), dirname(path)];
}

/** Its links lead to the root from wherever it is asked for, so that it works behind any prefix of a proxy. */
function send({ url }: FastifyRequest, reply: FastifyReply, page: string): FastifyReply {
  if (firstPart(url) === 'embed') void reply.headers(EMBEDDED);
  const depth = url.split('?', 1)[0]!.split('/').length - 2;
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-cache')
    .send(depth === 0 ? page : page.replaceAll('"./', `"${'../'.repeat(depth)}`));
}
