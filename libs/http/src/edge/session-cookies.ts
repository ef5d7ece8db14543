import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Caller, Session, Sessions } from '#libs/access';
import { Problem, problemOf, type Settings } from '#libs/platform';
import { Cookies, hasSessionCookie } from './cookies.js';

/** How often a request that goes on is checked for the end of its session, in milliseconds. */
const CHECK_MS = 500;

type Found = Session | Problem | undefined;

declare module 'fastify' {
  interface FastifyRequest {
    /** The session that the cookie names; a problem where it could not be looked up. */
    session: Found;
  }
}

/** Finds the session of a request, and who sends it. */
export class SessionCookies {
  constructor(
    private readonly sessions: Sessions,
    private readonly settings: Settings,
  ) {}

  /** Who is signed in; undefined for a request without a session that counts. */
  read({ session }: FastifyRequest): Caller | Problem | undefined {
    return session === undefined || session instanceof Problem ? session : this.sessions.callerOf(session);
  }

  /** What the cookie names, at once or as a promise. It never throws. */
  find(request: FastifyRequest): Found | Promise<Found> {
    if (!hasSessionCookie(request.raw.headers.cookie)) return undefined;
    const token = new Cookies(request, this.settings.browsers.publicUrl).get('session');
    if (token === undefined) return undefined;
    const found = this.sessions.find(token);
    return found instanceof Promise ? found.catch(problemOf) : found;
  }

  /** Whether a session counts still; one that cannot be looked up at the moment does. */
  async holds(request: FastifyRequest): Promise<boolean> {
    const found = await this.find(request);
    return found instanceof Problem || (found !== undefined && this.sessions.callerOf(found) !== undefined);
  }
}

/**
 * Sets `request.session`, before anything asks who sends the request. A request that goes on when its session has ended, a live
 * stream above all, is cut off.
 */
export function readSessions(fastify: FastifyInstance, cookies: SessionCookies): void {
  fastify.decorateRequest('session', undefined);
  fastify.addHook('onRequest', (request, reply, done) => {
    const go = (found: Found) => {
      request.session = found;
      if (found !== undefined && !(found instanceof Problem)) {
        const check = setInterval(
          () => void cookies.holds(request).then((holds) => holds || request.raw.destroy()),
          CHECK_MS,
        ).unref();
        reply.raw.once('close', () => clearInterval(check));
      }
      done();
    };
    const found = cookies.find(request);
    if (found instanceof Promise) void found.then(go);
    else if (found === undefined) done();
    else go(found);
  });
}
