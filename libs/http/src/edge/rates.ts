import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '#libs/platform';
import { clientOf } from './client.js';
import type { LimitsInForce } from './limits.js';

/** Requests are counted in windows of this length, in seconds: a short burst is no fault. */
const WINDOW_S = 10;
/** Whether a process is alive and ready is asked often, and costs nothing. */
const UNCOUNTED: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz']);

/**
 * Limits the requests of each client, counted after it is known who calls; one request of NDJSON counts once, whatever it
 * holds. Counts are kept of the 5,000 clients of each kind that were seen last. Answers say what is left (`RateLimit`, draft-ietf-httpapi-ratelimit-headers). Without limits it does nothing.
 */
export async function limitRates(fastify: FastifyInstance, rates: LimitsInForce['rates']): Promise<void> {
  if (rates.key === 0 && rates.address === 0) return;
  await fastify.register(rateLimit, { global: false });
  const counters = { key: counter(fastify, rates.key), address: counter(fastify, rates.address) };
  fastify.addHook('onRequest', async (request, reply) => {
    if (UNCOUNTED.has(request.routeOptions.url)) return;
    const policy = clientOf(request).startsWith('key ') ? 'key' : 'address';
    const found = await counters[policy]?.(request);
    if (found === undefined || found.isAllowed) return;
    const { max, remaining, ttlInSeconds, isExceeded } = found;
    void reply.header('ratelimit-policy', `"${policy}";q=${max};w=${WINDOW_S}`);
    void reply.header('ratelimit', `"${policy}";r=${remaining};t=${ttlInSeconds}`);
    if (!isExceeded) return;
    void reply.header('retry-after', String(ttlInSeconds));
    throw new Problem(
      429,
      'too-many-requests',
      `this ${policy} may send ${max} requests in ${WINDOW_S} s; try again in ${ttlInSeconds} s`,
    );
  });
}

type Counter = ReturnType<FastifyInstance['createRateLimit']>;

const counter = (fastify: FastifyInstance, aSecond: number): Counter | undefined =>
  aSecond === 0
    ? undefined
    : fastify.createRateLimit({
        max: aSecond * WINDOW_S,
        timeWindow: WINDOW_S * 1000,
        keyGenerator: (request: FastifyRequest) => clientOf(request),
      });
