import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
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
import { EventStore } from '#libs/log';
import { Describe } from '../openapi/describe.js';
import { parameters, path, type Parsed } from '../parameters.js';
import { Answer } from '../edge/answer.js';
import { by, locationId } from '../edge/schema.pipe.js';
import { Signature } from '../edge/signature.js';
import { Remarks } from './command-parameters.js';
import { receiptJson } from './receipts.js';
import { valueOf } from '../edge/refusals.js';

const params = { id: path.location };
const body = <T extends z.ZodType>(schema: T) => by(schema, 'location-invalid');
const problems = { 404: 'No such place', 409: 'It conflicts with the register' };

@ApiTags('register of places')
@Controller('v1/locations')
export class RegisterController {
  constructor(
    @Inject(COMMANDS) private readonly commands: CommandExecutor,
    private readonly store: EventStore,
  ) {}

  @Post()
  @Describe({
    id: 'registerLocation',
    summary: 'Register a place',
    body: { 'application/json': placeSchema },
    answers: { 201: ['Registered', 'Receipt'], 200: ['It was already', 'Receipt'] },
    problems,
  })
  register(
    @Signature() signature: string | undefined,
    @Body(body(placeSchema)) { id = randomUUID() as LocationId, ...facts }: z.output<typeof placeSchema>,
  ): Promise<Answer> {
    return this.change(201, { kind: 'register', id, ...facts, signature });
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
  addName(
    @Signature() signature: string | undefined,
    @Param('id', locationId) id: LocationId,
    @Body(body(nameSchema)) { by, reason, ...toponym }: z.output<typeof nameSchema>,
  ): Promise<Answer> {
    return this.change(201, { kind: 'add-name', id, toponym, by, reason, signature });
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
  removeName(
    @Signature() signature: string | undefined,
    @Remarks() remarks: unknown,
    @Param('name') name: string,
    @Param('id', locationId) id: LocationId,
  ): Promise<Answer> {
    return this.change(200, {
      kind: 'remove-name',
      id,
      name: normal(name),
      ...remarksOf(remarks),
      signature,
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
  removeNamed(
    @Signature() signature: string | undefined,
    @Param('id', locationId) id: LocationId,
    @Query(by(parameters.removedName)) { name, ...remarks }: Parsed<'removedName'>,
  ): Promise<Answer> {
    return this.change(200, { kind: 'remove-name', id, name: normal(name), ...remarks, signature });
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
  addCode(
    @Signature() signature: string | undefined,
    @Param('id', locationId) id: LocationId,
    @Body(body(codeSchema)) { scheme, value, ...remarks }: z.output<typeof codeSchema>,
  ): Promise<Answer> {
    return this.change(201, { kind: 'add-code', id, code: { scheme, value }, ...remarks, signature });
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
  removeCode(
    @Signature() signature: string | undefined,
    @Param('id', locationId) id: LocationId,
    @Query(by(parameters.removedCode)) { scheme, value, ...remarks }: Parsed<'removedCode'>,
  ): Promise<Answer> {
    return this.change(200, { kind: 'remove-code', id, code: { scheme, value }, ...remarks, signature });
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
  countries(
    @Signature() signature: string | undefined,
    @Body(body(countriesSchema)) facts: z.output<typeof countriesSchema>,
    @Param('id', locationId) id: LocationId,
  ): Promise<Answer> {
    return this.change(200, { kind: 'countries', id, ...facts, signature });
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
  position(
    @Signature() signature: string | undefined,
    @Body(body(coordinatesSchema)) facts: z.output<typeof coordinatesSchema>,
    @Param('id', locationId) id: LocationId,
  ): Promise<Answer> {
    return this.change(200, { kind: 'position', id, ...facts, signature });
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
  merge(
    @Signature() signature: string | undefined,
    @Body(body(mergeSchema)) target: z.output<typeof mergeSchema>,
    @Param('id', locationId) id: LocationId,
  ): Promise<Answer> {
    return this.change(201, { kind: 'merge', id, ...target, signature });
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
  unmerge(
    @Signature() signature: string | undefined,
    @Remarks() remarks: unknown,
    @Param('id', locationId) id: LocationId,
  ): Promise<Answer> {
    return this.change(200, { kind: 'unmerge', id, ...remarksOf(remarks), signature });
  }

  /** 200 where nothing was changed, else the status given. */
  private async change(status: number, command: PlaceCommand): Promise<Answer> {
    const receipt = valueOf(await this.commands.execute(new ChangePlace(command)));
    return new Answer(
      { id: command.id, ...receiptJson(receipt, this.store.epochs) },
      { status: receipt.duplicate ? 200 : status },
    );
  }
}

/** A name as it is kept. */
const normal = (name: string): string => name.normalize('NFC').trim();

const remarksOf = (remarks: unknown) => valueOf(parseBody(remarksSchema, remarks, 'location-invalid'));
