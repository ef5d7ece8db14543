import type { BitemporalPoint } from '#libs/domain';
import type { Fixed } from '#libs/queries';

/** Clients take 16 kB of headers. */
const MAX_LINK_BYTES = 8000;
/** Parameters that a bookmark sets itself, and those that only affect when a question is answered. */
const REPLACED = new Set(['asOf', 'knownAt', 'a', 'b', 'ruleset', 'cursor', 'after', 'wait']);

type Moments = readonly Required<BitemporalPoint>[];

/**
 * The header `Link` of an answer (RFC 8288) with a question whose answer never changes. It is relative to the request, so
 * that it is valid behind any prefix of a proxy.
 * @param url of the request
 * @param moments the parameters of the moments: times need no escape in a query
 * @returns undefined where the question is too long for a header
 */
export function bookmarkLink(
  url: string,
  { points, ruleset, cursor }: Fixed,
  moments: (points: Moments) => string,
): string | undefined {
  const page = cursor === undefined ? '' : `&cursor=${cursor}`;
  const link = `<?${keptOf(url)}${moments(points)}&ruleset=${encodeURIComponent(ruleset)}${page}>; rel="bookmark"`;
  return link.length < MAX_LINK_BYTES ? link : undefined;
}

function keptOf(url: string): string {
  const from = url.indexOf('?');
  if (from < 0) return '';
  const kept = [...new URLSearchParams(url.slice(from + 1))].filter(([name]) => !REPLACED.has(name));
  return kept.map(([name, value]) => `${name}=${encodeURIComponent(value)}&`).join('');
}

export const asOfKnownAt = ([one]: Moments): string => `asOf=${one!.asOf}&knownAt=${one!.knownAt}`;
export const onlyKnownAt = ([one]: Moments): string => `knownAt=${one!.knownAt}`;
export const bothMoments = ([a, b]: Moments): string =>
  `a=${a!.asOf}@${a!.knownAt}&b=${b!.asOf}@${b!.knownAt}`;
