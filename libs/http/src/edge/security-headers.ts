import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

const SELF = ["'self'"];
const NONE = ["'none'"];

/** What a page of this service may load, run and be framed by. */
const POLICY = {
  'default-src': NONE,
  'script-src': SELF,
  'worker-src': SELF,
  'style-src': SELF,
  'img-src': ["'self'", 'data:', 'blob:'],
  'connect-src': SELF,
  'font-src': SELF,
  'base-uri': NONE,
  'form-action': SELF,
  'frame-ancestors': SELF,
  'object-src': NONE,
};

/** The headers of every answer that say what a browser may do with it. */
export const SECURITY_HEADERS = headersWith(POLICY);

/** For a view that other sites may show inside their pages: it acts on nothing, and no session comes with it there. */
export const EMBEDDED = headersWith({ ...POLICY, 'frame-ancestors': ['*'] });

/**
 * The headers as helmet makes them. It is asked once: they are the same for every answer, and @fastify/helmet makes them anew
 * for each request.
 */
function headersWith(directives: Record<string, string[]>): Record<string, string> {
  const headers: Record<string, string> = {};
  const makeHeaders = helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'same-origin' },
    xContentTypeOptions: true,
    // `frame-ancestors` says it better.
    xFrameOptions: false,
    // For whoever ends TLS to decide: it binds every service of the host for a long time.
    strictTransportSecurity: false,
    crossOriginEmbedderPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xPoweredBy: false,
    xXssProtection: false,
  });
  const response = {
    setHeader: (name: string, value: string) => (headers[name.toLowerCase()] = value),
    removeHeader: () => {},
  };
  makeHeaders({} as IncomingMessage, response as unknown as ServerResponse, (error) => {
    if (error !== undefined) throw error as Error;
  });
  return headers;
}
