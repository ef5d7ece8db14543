import { Body, Controller, Delete, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Caller, type Session, Sessions } from '#libs/access';
import { parseBody } from '#libs/domain';
import { LOGGER, type Logger, Problem, SETTINGS, type Settings } from '#libs/platform';
import { Answer } from '../edge/answer.js';
import { Cookies } from '../edge/cookies.js';
import { by } from '../edge/schema.pipe.js';
import { Describe } from '../openapi/describe.js';
import { sessionRequestSchema, sessionSchema } from '../openapi/schemas/sessions.js';
import { parameters } from '../parameters.js';

/** The session of a browser: a key is exchanged for a cookie that no script can read. */
@ApiTags('sessions')
@Controller('v1/session')
export class SessionController {
  constructor(
    private readonly sessions: Sessions,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Post()
  @Describe({
    id: 'startSession',
    summary: 'Sign a browser in with a key',
    description:
      'The answer sets a cookie that lasts 12 hours, ends with the key, and is sent only by pages of this site. A session ' +
      'that the browser had before ends.',
    body: { 'application/json': sessionRequestSchema },
    answers: { 201: ['Signed in', sessionSchema] },
    problems: { 401: 'The key is not valid' },
    headers: { 'Set-Cookie': 'The session' },
  })
  async start(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Answer> {
    const asked = parseBody(sessionRequestSchema, body, 'session-invalid');
    if (!asked.ok) throw new Problem(422, asked.refusal.code, asked.refusal.detail, asked.refusal.errors);
    const holder = this.sessions.keyHolder(asked.value.key);
    if (holder?.id === undefined) {
      void reply.header('www-authenticate', 'Bearer realm="claimline"');
      throw new Problem(401, 'key-unknown', 'the key is not known, or is not valid any more');
    }
    const cookies = this.cookiesOf(request);
    const before = cookies.get('session');
    const { token, session } = await this.sessions.begin({ keyId: holder.id });
    if (before !== undefined) await this.sessions.end(before);
    this.log.info({ session: session.id, key: holder.id }, 'signed in');
    return this.shown({ ...holder, kind: 'session' }, session, 201, cookies.set('session', token));
  }

  @Get()
  @Describe({
    id: 'getSession',
    summary: 'Who sends this request, and what they may do',
    query: parameters.none,
    answers: { 200: ['The caller', sessionSchema] },
  })
  get(@Query(by(parameters.none)) _none: object, @Req() { caller, session }: FastifyRequest): Answer {
    return this.shown(caller, caller.kind === 'session' ? (session as Session) : undefined, 200);
  }

  @Delete()
  @Describe({
    id: 'removeSession',
    summary: 'Sign out: the session ends in every process within a second',
    answers: { 204: ['Signed out, or not signed in'] },
    headers: { 'Set-Cookie': 'Removes the session from the browser' },
  })
  async remove(@Req() request: FastifyRequest): Promise<Answer> {
    const cookies = this.cookiesOf(request);
    const token = cookies.get('session');
    if (token !== undefined) await this.sessions.end(token);
    return new Answer(undefined, {
      status: 204,
      headers: { 'set-cookie': cookies.set('session', ''), 'cache-control': 'no-store' },
    });
  }

  private cookiesOf(request: FastifyRequest): Cookies {
    return new Cookies(request, this.settings.browsers.publicUrl);
  }

  private shown(
    { kind, id, name, roles }: Caller,
    session: Session | undefined,
    status: number,
    cookie?: string,
  ): Answer {
    return new Answer(
      {
        kind,
        id: id ?? null,
        name: name ?? null,
        roles,
        expiresAt: session?.expiresAt.toISOString() ?? null,
        oidc: this.settings.browsers.oidc !== undefined,
      },
      {
        status,
        headers: { 'cache-control': 'no-store', ...(cookie !== undefined && { 'set-cookie': cookie }) },
      },
    );
  }
}
