import type { FastifyInstance } from 'fastify';
import { Problem } from '#libs/platform';

const ESCAPES = /(?:%[\da-f]{2})+|%/gi;
const MAX_SHOWN = 50;

/** Refuses addresses with percent-escapes that stand for nothing: the router would find no path, the query another text. */
export function refuseBrokenEscapes(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ raw }, _reply, done) => done(escapeProblem(raw.url!)));
}

/** Why an address is refused: 400 `request-malformed`; undefined where its escapes are whole. */
export function escapeProblem(url: string): Problem | undefined {
  const broken = brokenEscape(url);
  if (broken === undefined) return undefined;
  const detail = `the address has ${broken.slice(0, MAX_SHOWN)}, which is no percent-encoded UTF-8`;
  return new Problem(400, 'request-malformed', detail);
}

/** The first escape of an address that is none, or that is not of UTF-8; undefined where there is none. */
function brokenEscape(url: string): string | undefined {
  if (!url.includes('%')) return undefined;
  try {
    decodeURIComponent(url);
    return undefined;
  } catch {
    return url.match(ESCAPES)?.find((escape) => !isWhole(escape));
  }
}

function isWhole(escape: string): boolean {
  try {
    decodeURIComponent(escape);
    return true;
  } catch {
    return false;
  }
}
