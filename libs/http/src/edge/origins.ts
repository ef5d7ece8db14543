import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { Problem, type Settings } from '#libs/platform';
import { hasSessionCookie } from './cookies.js';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses writes that a page of another origin has sent. A browser says where a request comes from: in Sec-Fetch-Site, or, an
 * older one, in Origin. What says neither comes from a program, and needs more than a cookie. A key is sent by no browser on
 * its own, and by no page of another origin without a preflight.
 */
export function refuseForeignWrites(fastify: FastifyInstance, { browsers }: Settings): void {
  const allowed = new Set(browsers.corsOrigins);
  if (browsers.publicUrl !== undefined) allowed.add(new URL(browsers.publicUrl).origin);
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (READING.has(request.method) || mayWrite(request.raw.headers, allowed)) return done();
    done(new Problem(403, 'origin-refused', refusalOf(request.raw.headers)));
  });
}

function refusalOf({ origin, 'sec-fetch-site': site }: IncomingHttpHeaders): string {
  if (origin === undefined && site === undefined)
    return 'a write with a session needs an Origin: send that of PUBLIC_URL, or use a key';
  const what = origin === undefined ? 'a page of another origin' : `a page of ${origin.slice(0, 200)}`;
  return `${what} may not write here; the settings PUBLIC_URL and CORS_ORIGINS name origins that may`;
}

/** Whether a request may write, as far as its origin is concerned. @param allowed other origins that may */
export function mayWrite(headers: IncomingHttpHeaders, allowed: ReadonlySet<string>): boolean {
  const { authorization, cookie, host, origin } = headers;
  if (authorization !== undefined && /^bearer /i.test(authorization)) return true;
  if (origin !== undefined && allowed.has(origin)) return true;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  if (origin !== undefined) return host !== undefined && hostOf(origin) === host.toLowerCase();
  return !hasSessionCookie(cookie);
}

/** Host and port of an origin; undefined for one that is hidden (`null`). */
const hostOf = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host || undefined : undefined;
