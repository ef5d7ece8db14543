import type * as OpenIdClient from 'openid-client';
import { isLoopbackName, type OidcSettings, Problem } from '#libs/platform';
import { ROLES } from './caller.js';
import type { Account } from './sessions.js';

/** How long a person may take at the provider, in milliseconds. */
export const SIGN_IN_MS = 10 * 60 * 1000;
/** Time limit of each request to the provider, in seconds. */
const PROVIDER_TIMEOUT_S = 10;
const MAX_NAME = 200;

/** What a browser keeps between leaving for the provider and coming back. */
export interface SignInAttempt {
  state: string;
  nonce: string;
  verifier: string;
  /** Where the page goes on, as a path. */
  returnTo: string;
  /** Milliseconds since 1970. */
  startedAt: number;
}

interface Provider {
  client: typeof OpenIdClient;
  configuration: OpenIdClient.Configuration;
}

/** Sign-in at a provider of OpenID Connect: authorization code with PKCE, state and nonce. */
export class SignIn {
  private provider: Promise<Provider> | undefined;

  constructor(private readonly settings: OidcSettings) {}

  /**
   * @param redirectUri where the provider sends the browser back
   * @returns the address of the provider, and what the browser has to keep
   * @throws Problem 503 `provider-unavailable`
   */
  async start(redirectUri: string, returnTo: string): Promise<{ url: string; attempt: SignInAttempt }> {
    const { client, configuration } = await this.discover();
    const attempt: SignInAttempt = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
      returnTo,
      startedAt: Date.now(),
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: this.settings.scope,
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, attempt };
  }

  /**
   * The account that has signed in.
   * @param callback the redirect URI with what the provider has added
   * @throws Problem 400 `sign-in-unknown` where it took too long; 403 `sign-in-refused` where the provider refused, or its answer
   * cannot be trusted; 403 `account-without-role`; 503 `provider-unavailable`
   */
  async finish(callback: URL, attempt: SignInAttempt): Promise<Account> {
    if (!(Math.abs(Date.now() - attempt.startedAt) < SIGN_IN_MS)) throw signInUnknown();
    const { client, configuration } = await this.discover();
    try {
      const tokens = await client.authorizationCodeGrant(configuration, callback, {
        pkceCodeVerifier: attempt.verifier,
        expectedState: attempt.state,
        expectedNonce: attempt.nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims()!;
      const { rolesClaim } = this.settings;
      // Many providers put only the subject into the token.
      const hasAll = claimOf(claims, rolesClaim) !== undefined && nameIn(claims) !== undefined;
      const all =
        hasAll || configuration.serverMetadata().userinfo_endpoint === undefined
          ? claims
          : { ...(await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)), ...claims };
      return this.accountOf(claims.iss, claims.sub, all);
    } catch (error) {
      throw error instanceof Problem ? error : problemOfProvider(error);
    }
  }

  private accountOf(issuer: string, subject: string, claims: Record<string, unknown>): Account {
    const { rolesClaim, roles } = this.settings;
    const given = [claimOf(claims, rolesClaim)].flat();
    const stood = new Set(roles.flatMap(([value, role]) => (given.includes(value) ? [role] : [])));
    const held = ROLES.filter((role) => stood.has(role));
    if (held.length === 0)
      throw new Problem(
        403,
        'account-without-role',
        `the claim ${rolesClaim} of this account names no role of this service`,
      );
    return { issuer, subject, name: nameIn(claims) ?? subject.slice(0, MAX_NAME), roles: held };
  }

  /** Asked for once; where the provider could not be reached, again the next time. */
  private discover(): Promise<Provider> {
    return (this.provider ??= discovered(this.settings).catch((error: unknown) => {
      this.provider = undefined;
      throw error instanceof Problem ? error : unavailable(error);
    }));
  }
}

/** Loaded with the first sign-in: no other process needs it. */
async function discovered({ issuer, clientId, clientSecret }: OidcSettings): Promise<Provider> {
  const client = await import('openid-client');
  const url = new URL(issuer);
  const isInsecure = url.protocol === 'http:' && isLoopbackName(url.hostname);
  const configuration = await client.discovery(
    url,
    clientId,
    undefined,
    clientSecret === undefined ? client.None() : secretAuth(client, clientSecret),
    { timeout: PROVIDER_TIMEOUT_S, ...(isInsecure && { execute: [client.allowInsecureRequests] }) },
  );
  return { client, configuration };
}

/** HTTP Basic, which is the default of the standard, unless the provider takes only a form. */
function secretAuth(client: typeof OpenIdClient, secret: string): OpenIdClient.ClientAuth {
  const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  return (server, ...rest) =>
    ((server.token_endpoint_auth_methods_supported?.includes('client_secret_basic') ?? true) ? basic : post)(
      server,
      ...rest,
    );
}

/** A claim by its name, or by the way to it through objects. */
function claimOf(claims: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let at: unknown = claims;
  for (const part of name.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}

/** How an account is shown; it becomes part of events, so it is one line. */
function nameIn({ name, preferred_username: username, email }: Record<string, unknown>): string | undefined {
  for (const given of [name, username, email]) {
    const shown = typeof given === 'string' ? given.replaceAll(/[\p{C}\s]+/gu, ' ').trim() : '';
    if (shown !== '') return shown.slice(0, MAX_NAME);
  }
  return undefined;
}

export const signInUnknown = (): Problem =>
  new Problem(
    400,
    'sign-in-unknown',
    'no sign-in was begun in this browser within the last ten minutes; begin again',
  );

const unavailable = (error: unknown): Problem =>
  Object.assign(
    new Problem(503, 'provider-unavailable', 'the provider of sign-ins cannot be reached; try again'),
    { cause: error },
  );

/** Whether the provider could not be reached, or failed itself: what fetch says is found among the causes. */
function isAway(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 3) return false;
  const { message, code, status, cause } = error as Record<string, unknown>;
  return (
    message === 'fetch failed' ||
    code === 'OAUTH_TIMEOUT' ||
    (typeof status === 'number' && status >= 500) ||
    isAway(cause, depth + 1)
  );
}

/** The provider's own code, as `access_denied`. */
const CODE = /^\w{1,60}$/;

function problemOfProvider(error: unknown): Problem {
  if (isAway(error)) return unavailable(error);
  const { error: said } = error as { error?: unknown };
  const detail =
    typeof said === 'string' && CODE.test(said)
      ? `the provider answered ${said}`
      : 'the answer of the provider does not belong to this sign-in; begin again';
  return Object.assign(new Problem(403, 'sign-in-refused', detail), { cause: error });
}
