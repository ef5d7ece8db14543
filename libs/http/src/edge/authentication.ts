import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  type Access,
  type Caller,
  callerOfBearer,
  type KeyRing,
  needOf,
  NEEDS,
  type Operation,
} from '#libs/access';
import { Problem } from '#libs/platform';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sends it. Without a credential: anyone, with the roles that are open. */
    caller: Caller;
  }
  interface FastifyContextConfig {
    /** The id of the operation that the route is. */
    operation?: Operation;
  }
}

/** A kind of credential that a request may have. */
export interface CredentialReader {
  /**
   * The holder of the credential; a Problem where it does not count (any longer); undefined where the request has none of
   * this kind. It decides from memory: the database is not asked on each request.
   */
  read(request: FastifyRequest): Caller | Problem | undefined;
}

/** Keys in the header Authorization. */
export const bearerReader = (ring: KeyRing): CredentialReader => ({
  read: ({ headers }) => callerOfBearer(ring, headers.authorization),
});

const NOBODY: Caller = { kind: 'anyone', roles: [] };

/**
 * Sets `caller` of every request, and refuses those that may not do what they ask for, before a body is read. A route that has
 * no entry in NEEDS cannot be added.
 * @param readers of each request the first decides that finds a credential
 */
export function authenticate(
  fastify: FastifyInstance,
  access: Access,
  readers: readonly CredentialReader[],
): void {
  fastify.decorateRequest('caller');
  fastify.addHook('onRoute', ({ method, url, config }) => {
    needOf(config?.operation, `${[method].flat().join(', ')} ${url}`);
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    request.caller = NOBODY;
    // Which paths and methods there are is no secret: 404 and 405 need no key.
    if (request.is404) return done();
    const need = NEEDS[request.routeOptions.config.operation!];
    if (need === 'nothing') return done();
    const decide = () => access.decide(need, presentedBy(request, readers));
    const settle = (decided: Caller | Error) => {
      if (decided instanceof Error) return done(decided);
      request.caller = decided;
      done();
    };
    if (access.isCurrent) return settle(decide());
    void access.refresh().then(() => settle(decide()), settle);
  });
}

function presentedBy(
  request: FastifyRequest,
  readers: readonly CredentialReader[],
): Caller | Problem | undefined {
  for (const reader of readers) {
    const found = reader.read(request);
    if (found !== undefined) return found;
  }
  return undefined;
}
