import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import {
  type IssuedKey,
  type Key,
  keyRequestSchema,
  Keys,
  OperatedKeys,
  rotationSchema,
  signatureOf,
} from '#libs/access';
import { parseBody } from '#libs/domain';
import { PageCursors } from '#libs/queries';
import { Describe } from '../openapi/describe.js';
import { parameters, type Parsed, path } from '../parameters.js';
import { pageOf, valueOf } from '../edge/refusals.js';
import { by } from '../edge/schema.pipe.js';

const params = { id: path.key };
const NO_KEY = { 404: 'No such key' };

/** Keys of callers. Their secrets are answered once, and kept by nobody here. */
@ApiTags('keys')
@Controller('v1/keys')
export class KeysController {
  private readonly cursors = new PageCursors({ list: 'keys' }, ['time', 'string']);

  constructor(
    private readonly keys: Keys,
    private readonly operated: OperatedKeys,
  ) {}

  @Post()
  @Describe({
    id: 'createKey',
    summary: 'Make a key',
    body: { 'application/json': keyRequestSchema },
    answers: { 201: ['The key, which is shown this once', 'IssuedKey'] },
    problems: { 409: 'As many keys as there may be work already' },
  })
  async create(@Body() body: unknown, @Req() { caller }: FastifyRequest): Promise<IssuedKey> {
    const request = valueOf(parseBody(keyRequestSchema, body, 'key-invalid'));
    return valueOf(await this.operated.create(request, signatureOf(caller)));
  }

  @Get()
  @Describe({
    id: 'listKeys',
    summary: 'Keys, newest first, also those that have ended',
    query: parameters.keys,
    answers: { 200: ['A page', 'Keys'] },
  })
  async list(@Query(by(parameters.keys)) { limit, cursor }: Parsed<'keys'>): Promise<object> {
    const before = cursor === undefined ? undefined : pageOf(this.cursors.read(cursor));
    const found = await this.keys.list(limit + 1, { before: before as [string, string] | undefined });
    return this.cursors.page(
      found,
      limit,
      ({ createdAt, id }) => [createdAt, id],
      (key) => key,
    );
  }

  @Delete(':id')
  @Describe({
    id: 'revokeKey',
    summary: 'Revoke a key, for good: it stops working within a second',
    params,
    answers: { 200: ['It is revoked, now or already', 'Key'] },
    problems: NO_KEY,
  })
  async revoke(@Param('id') id: string, @Req() { caller }: FastifyRequest): Promise<Key> {
    return valueOf(await this.operated.revoke(id, signatureOf(caller))).key;
  }

  @Post(':id/rotate')
  @HttpCode(201)
  @Describe({
    id: 'rotateKey',
    summary: 'Give a key another secret',
    description:
      'Id, name and roles stay. The old secret stops working within a second, or after `graceSeconds`.',
    params,
    body: { 'application/json': rotationSchema },
    bodyOptional: true,
    answers: { 201: ['The key, which is shown this once', 'IssuedKey'] },
    problems: { ...NO_KEY, 409: 'It is revoked, or has expired' },
  })
  async rotate(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() { caller }: FastifyRequest,
  ): Promise<IssuedKey> {
    const rotation = valueOf(parseBody(rotationSchema, body ?? {}, 'key-invalid'));
    return valueOf(await this.operated.rotate(id, rotation, signatureOf(caller)));
  }
}
