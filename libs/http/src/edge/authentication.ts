import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  type Access,
  type Caller,
  callerOfBearer,
  type KeyRing,
  type Need,
  needOf,
  NEEDS,
  type Operation,
} from '#libs/access';
import { Problem } from '#libs/platform';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sends it. Without a credential: anyone, with the roles that are open. */
    caller: Caller;
    /** Why it may not do what it asks for; undefined where it may. */
    refusal: Problem | undefined;
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
 * Sets `caller` of every request, and `refusal` of those that may not do what they ask for. A route that has no entry in NEEDS
 * cannot be added.
 * @param readers of each request the first decides that finds a credential
 */
export function identifyCallers(
  fastify: FastifyInstance,
  access: Access,
  readers: readonly CredentialReader[],
): void {
  fastify.decorateRequest('caller');
  fastify.decorateRequest('refusal', undefined);
  fastify.addHook('onRoute', ({ method, url, config }) => {
    needOf(config?.operation, `${[method].flat().join(', ')} ${url}`);
  });
  const identify = (request: FastifyRequest, need: Exclude<Need, 'nothing'>) => {
    const presented = presentedBy(request, readers);
    const decided = access.decide(need, presented);
    if (decided instanceof Problem) request.refusal = decided;
    const caller = decided instanceof Problem ? presented : decided;
    if (caller && !(caller instanceof Problem)) request.caller = caller;
  };
  fastify.addHook('onRequest', (request, _reply, done) => {
    request.caller = NOBODY;
    // Which paths and methods there are is no secret: 404 and 405 need no key.
    if (request.is404) return done();
    const operation = request.routeOptions.config.operation!;
    const need = NEEDS[operation];
    if (need === 'nothing') return done();
    const proceed = () => {
      identify(request, need);
      done();
    };
    if (access.isCurrent) return proceed();
    void (operation === 'getMetrics' ? access.refreshIfPossible() : access.refresh()).then(proceed, done);
  });
}

/** Refuses requests that may not do what they ask for, before a body is read. What comes after the hook of `identifyCallers` sees them too. */
export function refuseUnauthorized(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ refusal }, _reply, done) => done(refusal));
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
