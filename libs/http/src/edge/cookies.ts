import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';
import { SESSION_SECONDS, SIGN_IN_MS } from '#libs/access';

/** `session` is who is signed in; `sign-in` what a browser keeps while it is at the provider. */
type Kind = 'session' | 'sign-in';

const SECONDS: Record<Kind, number> = { session: SESSION_SECONDS, 'sign-in': SIGN_IN_MS / 1000 };

// A cookie with the prefix can only have been set by this host itself, over TLS: not by a neighbour in the same domain.
const nameOf = (kind: Kind, secure: boolean): string => `${secure ? '__Host-' : ''}claimline-${kind}`;

/** Whether a request may have a session. @param header Cookie */
export const hasSessionCookie = (header: string | undefined): boolean =>
  header !== undefined && header.includes('claimline-session=');

/** Where browsers find the service: the setting, or else what they have asked for. */
export const publicUrlOf = (request: FastifyRequest, publicUrl: string | undefined): string =>
  publicUrl ?? `${request.protocol}://${request.raw.headers.host ?? request.hostname}`;

/** Cookies of one request and its answer, `Secure` where the browser uses TLS. */
export class Cookies {
  private readonly secure: boolean;

  constructor(
    private readonly request: FastifyRequest,
    publicUrl: string | undefined,
  ) {
    this.secure = publicUrlOf(request, publicUrl).startsWith('https:');
  }

  get(kind: Kind): string | undefined {
    const { cookie } = this.request.raw.headers;
    return cookie === undefined ? undefined : parseCookie(cookie)[nameOf(kind, this.secure)];
  }

  /**
   * A Set-Cookie. A browser sends the session only with requests of pages of the same site; the sign-in also when it comes back
   * from the provider.
   * @param value empty to remove it
   */
  set(kind: Kind, value: string): string {
    return stringifySetCookie(nameOf(kind, this.secure), value, {
      path: '/',
      httpOnly: true,
      secure: this.secure,
      sameSite: kind === 'session' ? 'strict' : 'lax',
      maxAge: value === '' ? 0 : SECONDS[kind],
    });
  }
}
