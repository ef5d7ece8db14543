import { Controller, Delete, Get, Param, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { signatureOf, type SignedIn, SignedInSessions } from '#libs/access';
import { PageCursors } from '#libs/queries';
import { pageOf, valueOf } from '../edge/refusals.js';
import { by, uuidOr } from '../edge/schema.pipe.js';
import { Describe } from '../openapi/describe.js';
import { activeSession, activeSessions, endedSessions } from '../openapi/schemas/sessions.js';
import { parameters, type Parsed, path } from '../parameters.js';

/** The sessions of everybody, for an admin. */
@ApiTags('sessions')
@Controller('v1/sessions')
export class SessionsController {
  constructor(private readonly signedIn: SignedInSessions) {}

  @Get()
  @Describe({
    id: 'listSessions',
    summary: 'Who is signed in, newest first',
    query: parameters.sessions,
    answers: { 200: ['A page', activeSessions] },
  })
  async list(@Query(by(parameters.sessions)) { of, limit, cursor }: Parsed<'sessions'>): Promise<object> {
    const cursors = new PageCursors({ list: 'sessions', of }, ['time', 'uuid']);
    const before = cursor === undefined ? undefined : pageOf(cursors.read(cursor));
    const found = await this.signedIn.list(limit + 1, { of, before: before as [string, string] | undefined });
    return cursors.page(
      found,
      limit,
      ({ createdAt, id }) => [createdAt, id],
      (session) => session,
    );
  }

  @Delete()
  @Describe({
    id: 'endSessions',
    summary:
      'End all sessions of a key or an account: in every process within a second, with their live streams',
    query: parameters.holder,
    answers: { 200: ['How many have ended', endedSessions] },
  })
  async endAll(
    @Query(by(parameters.holder)) { of }: Parsed<'holder'>,
    @Req() { caller }: FastifyRequest,
  ): Promise<object> {
    return { ended: (await this.signedIn.endAllOf(of, signatureOf(caller))).length };
  }

  @Delete(':id')
  @Describe({
    id: 'endSession',
    summary: 'End a session: in every process within a second, with its live streams',
    params: { id: path.session },
    answers: { 200: ['The session that has ended', activeSession] },
    problems: { 404: 'No such session, or it has ended already' },
  })
  async end(
    @Param('id', uuidOr('session-not-found')) id: string,
    @Req() { caller }: FastifyRequest,
  ): Promise<SignedIn> {
    return valueOf(await this.signedIn.end(id, signatureOf(caller)));
  }
}
