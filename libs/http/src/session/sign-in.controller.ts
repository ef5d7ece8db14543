import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Sessions, SignIn, type SignInAttempt, signInUnknown } from '#libs/access';
import { LOGGER, type Logger, Problem, SETTINGS, type Settings } from '#libs/platform';
import { Answer } from '../edge/answer.js';
import { Cookies, publicUrlOf } from '../edge/cookies.js';
import { by } from '../edge/schema.pipe.js';
import { Describe } from '../openapi/describe.js';
import { parameters, type Parsed } from '../parameters.js';

const CALLBACK = '/v1/session/oidc/callback';

const attemptSchema = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: parameters.signIn.shape.returnTo.unwrap(),
  startedAt: z.number(),
});

/**
 * Signing in at a provider of OpenID Connect. Browsers are led through these two addresses, no client asks for them: they are
 * not in the document of the API.
 */
@ApiExcludeController()
@Controller('v1/session/oidc')
export class SignInController {
  constructor(
    private readonly sessions: Sessions,
    @Inject(SignIn) private readonly signIn: SignIn | undefined,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Sends the browser to the provider. What it needs when it comes back is in a cookie for ten minutes. */
  @Get()
  @Describe({
    id: 'startSignIn',
    summary: 'Sign in at the provider',
    query: parameters.signIn,
    answers: { 302: ['To the provider'] },
  })
  async start(
    @Query(by(parameters.signIn)) { returnTo }: Parsed<'signIn'>,
    @Req() request: FastifyRequest,
  ): Promise<Answer> {
    const base = this.baseOf(request);
    const home = `${new URL(base).pathname.replace(/\/$/, '')}/`;
    const { url, attempt } = await this.required().start(`${base}${CALLBACK}`, returnTo ?? home);
    return this.sentTo(url, this.cookiesOf(request).set('sign-in', packed(attempt)));
  }

  /** Where the provider sends the browser back: it gets a session, and goes on to its page. */
  @Get('callback')
  @Describe({ id: 'finishSignIn', summary: 'Come back from the provider', answers: { 302: ['To the page'] } })
  async finish(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Answer> {
    const signIn = this.required();
    const cookies = this.cookiesOf(request);
    // An attempt is for one answer of the provider.
    void reply.header('set-cookie', cookies.set('sign-in', '')).header('cache-control', 'no-store');
    const attempt = unpacked(cookies.get('sign-in'));
    const callback = new URL(`${this.baseOf(request)}${CALLBACK}`);
    callback.search = /\?.*$/.exec(request.url)?.[0] ?? '';
    try {
      const account = await signIn.finish(callback, attempt);
      const before = cookies.get('session');
      const { token, session } = await this.sessions.begin(account);
      if (before !== undefined) await this.sessions.end(before);
      this.log.info({ session: session.id, account: `${account.issuer}#${account.subject}` }, 'signed in');
      return this.sentTo(attempt.returnTo, cookies.set('session', token));
    } catch (error) {
      if (error instanceof Problem && error.status < 500)
        this.log.info(
          { code: error.code, reason: (error.cause as Error | undefined)?.message ?? error.message },
          'a sign-in was refused',
        );
      throw error;
    }
  }

  /** @throws Problem 404 where the service has no provider */
  private required(): SignIn {
    if (this.signIn) return this.signIn;
    throw new Problem(404, 'not-found', 'this service has no provider of sign-ins: OIDC_ISSUER is not set');
  }

  private sentTo(location: string, cookie: string): Answer {
    return new Answer('', {
      status: 302,
      headers: { location, 'set-cookie': cookie, 'cache-control': 'no-store' },
    });
  }

  private baseOf(request: FastifyRequest): string {
    return publicUrlOf(request, this.settings.browsers.publicUrl);
  }

  private cookiesOf(request: FastifyRequest): Cookies {
    return new Cookies(request, this.settings.browsers.publicUrl);
  }
}

const packed = (attempt: SignInAttempt): string => Buffer.from(JSON.stringify(attempt)).toString('base64url');

/** @throws Problem 400 `sign-in-unknown` */
function unpacked(text: string | undefined): SignInAttempt {
  try {
    return attemptSchema.parse(JSON.parse(Buffer.from(text ?? '', 'base64url').toString()));
  } catch {
    throw signInUnknown();
  }
}
