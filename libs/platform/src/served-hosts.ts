import { isIP } from 'node:net';
import { isLoopbackName } from './browser-settings.js';
import { Problem } from './problems.js';
import type { Settings } from './settings.js';

/** Asked for by load balancers under any name; they tell nothing but the health of the service. */
const PROBES = new Set(['/healthz', '/readyz']);

/** A host without its port, in lower case and without the dot of a full name. */
const nameOf = (host: string): string => host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase();

/** What the names that are served come from. */
export type ServedBy = Pick<Settings, 'host' | 'browsers'>;

/** Names that the service is served under; an address is no name. */
export function servedNames({ host, browsers: { allowedHosts, publicUrl } }: ServedBy): Set<string> {
  const publicHost = publicUrl === undefined ? [] : [nameOf(new URL(publicUrl).host)];
  return new Set([host.toLowerCase(), ...publicHost, ...allowedHosts]);
}

/** Whether a page can have come by its host only from here: an address, a name of this machine, or one of `names`. */
export function isServed(host: string, names: ReadonlySet<string>): boolean {
  const name = nameOf(host);
  const bare = name.startsWith('[') ? name.slice(1, -1) : name;
  return isIP(bare) !== 0 || isLoopbackName(name) || names.has(name);
}

/**
 * Refuses requests for a name that is not served. A page of any site can be made to reach this service under the site's own
 * name (DNS rebinding), and would be of the same origin then. An address cannot be rebound, so it is always served. The Host is
 * that of the connection: what a proxy adds about it can be forged by a page.
 * @returns why a request for a host and a URL is refused: 421 `host-unknown`; undefined where it is not
 */
export function hostCheck(
  settings: ServedBy,
): (host: string | undefined, url: string) => Problem | undefined {
  const names = servedNames(settings);
  const known = new Set<string>();
  return (host, url) => {
    // No browser leaves it out: it is an HTTP/1.0 client.
    if (host === undefined || known.has(host)) return undefined;
    if (isServed(host, names)) {
      // Few hosts come again and again; those of addresses with any port may be many.
      if (known.size < 100) known.add(host);
      return undefined;
    }
    if (PROBES.has(url.split('?', 1)[0]!)) return undefined;
    return new Problem(
      421,
      'host-unknown',
      `this service is not served under the name ${JSON.stringify(nameOf(host).slice(0, 100))}; the setting ALLOWED_HOSTS names others`,
    );
  };
}
