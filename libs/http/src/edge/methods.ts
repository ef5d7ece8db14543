import findMyWay from 'find-my-way';
import type { FastifyInstance } from 'fastify';
import { Problem } from '#libs/platform';

type Options = NonNullable<Parameters<typeof findMyWay>[0]>;

/**
 * Answers OPTIONS, and answers 405 with `Allow` to a method that its path does not support. The methods of a path come from
 * the routes; a second router of the same kind finds them, because the server's own does not list them.
 * @param options of the server's router
 */
export function answerOtherMethods(fastify: FastifyInstance, options: Options): void {
  const routes = findMyWay(options);
  const methods = new Set<string>();
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat() as Parameters<typeof routes.on>[0][]) {
      methods.add(one as string);
      if (!routes.hasRoute(one as never, url)) routes.on(one, url, () => {});
    }
  });
  const takes = (method: string, url: string): boolean => {
    const found = routes.find(method as never, url);
    return found !== null && Object.values(found.params).every((part) => part !== '');
  };
  // Before the body is read, because it is not needed here.
  fastify.addHook('onRequest', (request, reply, done) => {
    // Where there is CORS, every OPTIONS has a route.
    if (!request.is404 && request.method !== 'OPTIONS') return done();
    const allowed = [...methods].filter((method) => takes(method, request.url));
    if (allowed.length === 0) return request.is404 ? done() : reply.callNotFound();
    void reply.header('allow', [...allowed, 'OPTIONS'].join(', '));
    if (request.method === 'OPTIONS') void reply.status(204).send();
    else
      done(
        new Problem(
          405,
          'method-not-allowed',
          `${request.method} is not supported here; this path supports ${allowed.join(', ')}`,
        ),
      );
  });
}
