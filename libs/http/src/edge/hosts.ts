import type { FastifyInstance } from 'fastify';
import { hostCheck, type Settings } from '#libs/platform';

/** Refuses requests for a name that is not served (`hostCheck`). */
export function refuseUnknownHosts(fastify: FastifyInstance, settings: Settings): void {
  const refusalOf = hostCheck(settings);
  fastify.addHook('onRequest', ({ raw }, _reply, done) => done(refusalOf(raw.headers.host, raw.url!)));
}
