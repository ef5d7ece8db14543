import type { Vantage } from '#libs/domain';
import type { Fixed } from '#libs/read-models';

/** What of a question is only about when it is answered. */
const PASSING = ['after', 'wait'];

/** Clients take 16 kB of headers. */
const MOST = 8000;

/**
 * The header `Link` of an answer (RFC 8288) with the question that is answered the same for good. It is relative to what was
 * asked for, so that it holds behind any prefix of a proxy.
 * @param url as it was asked for
 * @param moments the parameters that name the moments
 * @returns undefined where the question is too long for a header
 */
export function bookmarkLink(url: string, { vantages, ruleset, cursor }: Fixed, moments: (vantages: readonly Required<Vantage>[]) => Record<string, string>): string | undefined {
  const query = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '');
  for (const name of PASSING) query.delete(name);
  for (const [name, value] of Object.entries({ ...moments(vantages), ruleset, ...(cursor !== undefined && { cursor }) })) query.set(name, value);
  const link = `<?${query.toString()}>; rel="bookmark"`;
  return link.length < MOST ? link : undefined;
}

export const asOfKnownAt = ([one]: readonly Required<Vantage>[]) => ({ asOf: one!.asOf!, knownAt: one!.knownAt! });
export const onlyKnownAt = ([one]: readonly Required<Vantage>[]) => ({ knownAt: one!.knownAt! });
export const bothMoments = ([a, b]: readonly Required<Vantage>[]) => ({ a: `${a!.asOf}@${a!.knownAt}`, b: `${b!.asOf}@${b!.knownAt}` });
