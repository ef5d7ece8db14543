import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as oidc from 'oidc-provider';

export interface OpenIdProviderOptions {
  clientId: string;
  clientSecret: string;
  /** Where browsers may be sent back to. */
  redirectUri: string;
  /** Claims of each account besides its subject. */
  accounts: Record<string, Record<string, unknown>>;
}

/**
 * A provider of OpenID Connect on loopback: oidc-provider, with sign-in pages that ask nothing. Who signs in is `subject`;
 * undefined for somebody who declines.
 */
export class OpenIdProvider {
  subject: string | undefined;
  private handle: (request: IncomingMessage, response: ServerResponse) => unknown = (_, response) =>
    response.writeHead(503).end();

  private constructor(
    private server: Server,
    readonly issuer: string,
  ) {
    server.on('request', (request, response) => this.handle(request, response));
  }

  /** Listens; it answers 503 until it is told who its client is. */
  static async start(): Promise<OpenIdProvider> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new OpenIdProvider(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  serve({ clientId, clientSecret, redirectUri, accounts }: OpenIdProviderOptions): void {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const provider = new oidc.Provider(this.issuer, {
      clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
      cookies: { keys: ['signs cookies of a test'] },
      claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'roles', 'realm'] },
      pkce: { required: () => true },
      ttl: {
        AccessToken: 600,
        AuthorizationCode: 60,
        Grant: 600,
        IdToken: 600,
        Interaction: 600,
        Session: 600,
      },
      features: { devInteractions: { enabled: false } },
      findAccount: (_context, subject) => ({
        accountId: subject,
        claims: () => ({ sub: subject, ...accounts[subject] }),
      }),
      interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    });
    const answer = provider.callback();
    this.handle = (request, response) =>
      request.url!.startsWith('/interaction/')
        ? void this.interact(provider, request, response)
        : answer(request, response);
  }

  /** What a person would do on the pages of a provider: sign in, and consent. */
  private async interact(provider: oidc.Provider, request: IncomingMessage, response: ServerResponse) {
    const { prompt, session, params } = await provider.interactionDetails(request, response);
    const finish = (result: oidc.InteractionResults) =>
      provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
    if (this.subject === undefined) return finish({ error: 'access_denied', error_description: 'declined' });
    if (prompt.name === 'login') return finish({ login: { accountId: this.subject } });
    const grant = new provider.Grant({ accountId: session!.accountId, clientId: params.client_id as string });
    grant.addOIDCScope('openid profile');
    return finish({ consent: { grantId: await grant.save() } });
  }

  /** Refuses connections until it listens again, at the same port. */
  async pause(): Promise<() => Promise<void>> {
    await this.close();
    return async () => {
      this.server = createServer((request, response) => this.handle(request, response));
      this.server.listen(Number(new URL(this.issuer).port), '127.0.0.1');
      await once(this.server, 'listening');
    };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
