import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Inject, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import {
  codeSchema,
  coordinatesSchema,
  countriesSchema,
  mergeSchema,
  nameSchema,
  parseBody,
  placeSchema,
  remarksSchema,
  type LocationId,
  type PlaceCommand,
} from '#libs/domain';
import { ChangePlace, COMMANDS, type CommandExecutor } from '#libs/commands';
import { Describe } from '../openapi/describe.js';
import { locationIdOf, parameters, parseQuery, path } from '../parameters.js';
import { receiptJson } from './receipts.js';
import { valueOf } from '../edge/refusals.js';

const params = { id: path.location };
const problems = { 404: 'No such place', 409: 'It conflicts with the register' };

@ApiTags('register of places')
@Controller('v1/locations')
export class RegisterController {
  constructor(@Inject(COMMANDS) private readonly commands: CommandExecutor) {}

  @Post()
  @Describe({
    id: 'registerLocation',
    summary: 'Register a place',
    body: { 'application/json': placeSchema },
    answers: { 201: ['Registered', 'Receipt'], 200: ['It was already', 'Receipt'] },
    problems,
  })
  async register(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { id = randomUUID() as LocationId, ...facts } = bodyOf(placeSchema, body);
    await this.change(reply, 201, { kind: 'register', id, ...facts });
  }

  @Post(':id/names')
  @Describe({
    id: 'addName',
    summary: 'Add a name',
    params,
    body: { 'application/json': nameSchema },
    answers: { 201: ['Added', 'Receipt'], 200: ['It was there', 'Receipt'] },
    problems,
  })
  async addName(@Param('id') id: string, @Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { by, reason, ...toponym } = bodyOf(nameSchema, body);
    await this.change(reply, 201, { kind: 'add-name', id: locationIdOf(id), toponym, by, reason });
  }

  @Delete(':id/names/:name')
  @Describe({
    id: 'removeName',
    summary: 'Remove a name',
    params: {
      ...params,
      name: 'The name; if none has this spelling, those that are equal when folded are removed',
    },
    query: parameters.remarks,
    answers: { 200: ['Removed', 'Receipt'] },
    problems,
  })
  async removeName(
    @Param('id') id: string,
    @Param('name') name: string,
    @Body() body: unknown,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.change(reply, 200, {
      kind: 'remove-name',
      id: locationIdOf(id),
      name: normal(name),
      ...remarksOf(body, query),
    });
  }

  @Delete(':id/names')
  @Describe({
    id: 'removeNameByQuery',
    summary: 'Remove a name that cannot be part of a path',
    params,
    query: parameters.removedName,
    answers: { 200: ['Removed', 'Receipt'] },
    problems,
  })
  async removeNamed(
    @Param('id') id: string,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { name, ...remarks } = parseQuery(parameters.removedName, query);
    await this.change(reply, 200, {
      kind: 'remove-name',
      id: locationIdOf(id),
      name: normal(name),
      ...remarks,
    });
  }

  @Post(':id/codes')
  @Describe({
    id: 'addCode',
    summary: 'Add its code in another register',
    params,
    body: { 'application/json': codeSchema },
    answers: { 201: ['Added', 'Receipt'], 200: ['It was there', 'Receipt'] },
    problems,
  })
  async addCode(@Param('id') id: string, @Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { scheme, value, ...remarks } = bodyOf(codeSchema, body);
    await this.change(reply, 201, {
      kind: 'add-code',
      id: locationIdOf(id),
      code: { scheme, value },
      ...remarks,
    });
  }

  @Delete(':id/codes')
  @Describe({
    id: 'removeCode',
    summary: 'Remove a code',
    params,
    query: parameters.removedCode,
    answers: { 200: ['Removed', 'Receipt'] },
    problems,
  })
  async removeCode(
    @Param('id') id: string,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { scheme, value, ...remarks } = parseQuery(parameters.removedCode, query);
    await this.change(reply, 200, {
      kind: 'remove-code',
      id: locationIdOf(id),
      code: { scheme, value },
      ...remarks,
    });
  }

  @Put(':id/countries')
  @Describe({
    id: 'setCountries',
    summary: 'Set the countries that claim it',
    params,
    body: { 'application/json': countriesSchema },
    answers: { 200: ['Stated', 'Receipt'] },
    problems,
  })
  async countries(@Param('id') id: string, @Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    await this.change(reply, 200, {
      kind: 'countries',
      id: locationIdOf(id),
      ...bodyOf(countriesSchema, body),
    });
  }

  @Put(':id/coordinates')
  @Describe({
    id: 'setCoordinates',
    summary: 'Set the coordinates',
    params,
    body: { 'application/json': coordinatesSchema },
    answers: { 200: ['Stated', 'Receipt'] },
    problems,
  })
  async position(@Param('id') id: string, @Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    await this.change(reply, 200, {
      kind: 'position',
      id: locationIdOf(id),
      ...bodyOf(coordinatesSchema, body),
    });
  }

  @Post(':id/merge')
  @Describe({
    id: 'mergeLocation',
    summary: 'Merge it into another',
    params,
    body: { 'application/json': mergeSchema },
    answers: { 201: ['Merged', 'Receipt'], 200: ['It was already', 'Receipt'] },
    problems,
  })
  async merge(@Param('id') id: string, @Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    await this.change(reply, 201, { kind: 'merge', id: locationIdOf(id), ...bodyOf(mergeSchema, body) });
  }

  @Delete(':id/merge')
  @Describe({
    id: 'unmergeLocation',
    summary: 'Undo its merge',
    params,
    query: parameters.remarks,
    answers: { 200: ['Unmerged', 'Receipt'] },
    problems,
  })
  async unmerge(
    @Param('id') id: string,
    @Body() body: unknown,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.change(reply, 200, { kind: 'unmerge', id: locationIdOf(id), ...remarksOf(body, query) });
  }

  private async change(reply: FastifyReply, status: number, command: PlaceCommand): Promise<void> {
    const receipt = valueOf(await this.commands.execute(new ChangePlace(command)));
    await reply.status(receipt.duplicate ? 200 : status).send({ id: command.id, ...receiptJson(receipt) });
  }
}

/** A name as it is kept. */
const normal = (name: string): string => name.normalize('NFC').trim();

const bodyOf = <T extends z.ZodType>(schema: T, body: unknown) =>
  valueOf(parseBody(schema, body, 'location-invalid')) as z.output<T>;

/** `by` and `reason` of a command without content: from its body, or from its query. */
const remarksOf = (body: unknown, query: unknown) =>
  body === undefined || body === null ? parseQuery(parameters.remarks, query) : bodyOf(remarksSchema, body);
