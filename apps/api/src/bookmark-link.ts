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
  const fixed = Object.entries({ ...moments(vantages), ruleset, ...(cursor !== undefined && { cursor }) });
  const names = fixed.map(([name]) => name);
  const kept = queryOf(url).filter(([name]) => !PASSING.includes(name) && !names.includes(name));
  const query = [...kept, ...fixed].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  const link = `<?${query}>; rel="bookmark"`;
  return link.length < MOST ? link : undefined;
}

/** What was asked for. The names are those of parameters that were checked. */
function queryOf(url: string): [name: string, value: string][] {
  const from = url.indexOf('?');
  return from < 0 ? [] : [...new URLSearchParams(url.slice(from + 1))];
}

export const asOfKnownAt = ([one]: readonly Required<Vantage>[]) => ({ asOf: one!.asOf!, knownAt: one!.knownAt! });
export const onlyKnownAt = ([one]: readonly Required<Vantage>[]) => ({ knownAt: one!.knownAt! });
export const bothMoments = ([a, b]: readonly Required<Vantage>[]) => ({ a: `${a!.asOf}@${a!.knownAt}`, b: `${b!.asOf}@${b!.knownAt}` });
