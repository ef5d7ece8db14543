import { Controller, Get, Headers, Param, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '#libs/platform';
import { Describe } from './describe.js';
import { Freshness } from './freshness.js';
import { featureCollection } from './geojson.js';
import { GEOJSON } from './http.js';
import { locationIdOf, parameters, parseQuery, uuidOf } from './parameters.js';
import { GetHistory, GetLocation, GetStatement, GetTimeline, ListLocations, ListStatements } from './queries.js';
import { pageOf } from './refusals.js';

const params = { id: 'The place' };
const problems = { 404: 'No such place', 504: 'The read models have not reached `after`' };

@ApiTags('reading')
@Controller('v1')
export class ReadingController {
  constructor(
    private readonly queries: QueryBus,
    private readonly freshness: Freshness,
  ) {}

  @Get('locations')
  @Describe({ summary: 'States of places', query: parameters.locations, answers: { 200: ['A page', 'States'] }, problems: { 504: problems[504] } })
  async locations(@Query() query: unknown, @Headers('accept') accept: string | undefined, @Res() reply: FastifyReply): Promise<void> {
    const { limit, cursor, order, asOf, knownAt, after, wait, ...filter } = parseQuery(parameters.locations, query);
    await this.freshness.reach(after, wait);
    const page = pageOf(await this.queries.execute(new ListLocations(filter, order, { limit, cursor }, vantageOf(asOf, knownAt))));
    // The states are JSON already.
    if (accept?.includes(GEOJSON)) await reply.type(GEOJSON).send(featureCollection(page));
    else await reply.type('application/json').send(`{"items":[${page.items.join(',')}],"nextCursor":${JSON.stringify(page.nextCursor)}}`);
  }

  @Get('locations/:id')
  @Describe({ summary: 'The state of a place', params, query: parameters.location, answers: { 200: ['The state', 'State'], 304: ['As it was'] }, problems })
  async location(@Param('id') given: string, @Query() query: object, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const id = locationIdOf(given);
    const { asOf, knownAt, after, wait } = parseQuery(parameters.location, query);
    if (after) await this.freshness.reach(after, wait);
    const state = found(await this.queries.execute(new GetLocation(id, vantageOf(asOf, knownAt))));
    void reply.header('etag', state.etag).header('cache-control', 'no-cache');
    if (matches(request.headers['if-none-match'], state.etag)) await reply.status(304).send();
    else await reply.type('application/json').send(state.json);
  }

  @Get('locations/:id/timeline')
  @Describe({ summary: 'Every statement about a place', params, query: parameters.timeline, answers: { 200: ['A page', 'Statements'] }, problems })
  async timeline(@Param('id') given: string, @Query() query: unknown): Promise<object> {
    const id = locationIdOf(given);
    const { limit, cursor, after, wait, ...filter } = parseQuery(parameters.timeline, query);
    await this.freshness.reach(after, wait);
    return pageOf(found(await this.queries.execute(new GetTimeline(id, filter, { limit, cursor }))));
  }

  @Get('locations/:id/history')
  @Describe({ summary: 'The statuses that a place had, oldest first', params, query: parameters.history, answers: { 200: ['A page', 'History'] }, problems })
  async history(@Param('id') given: string, @Query() query: unknown): Promise<object> {
    const id = locationIdOf(given);
    const { limit, cursor, after, wait, knownAt } = parseQuery(parameters.history, query);
    await this.freshness.reach(after, wait);
    return pageOf(found(await this.queries.execute(new GetHistory(id, { knownAt: knownAt ?? null }, { limit, cursor }))));
  }

  @Get('statements')
  @Describe({ summary: 'Statements across places, newest first', query: parameters.statements, answers: { 200: ['A page', 'Statements'] }, problems: { 504: problems[504] } })
  async statements(@Query() query: unknown): Promise<object> {
    const { limit, cursor, after, wait, ...filter } = parseQuery(parameters.statements, query);
    await this.freshness.reach(after, wait);
    return pageOf(await this.queries.execute(new ListStatements(filter, { limit, cursor })));
  }

  @Get('statements/:statementId')
  @Describe({ summary: 'One statement', params: { statementId: 'The statement' }, query: parameters.reading, answers: { 200: ['The statement', 'Statement'] }, problems: { ...problems, 404: 'No such statement' } })
  async statement(@Param('statementId') given: string, @Query() query: unknown): Promise<object> {
    const id = uuidOf(given, 'statement-not-found');
    const { after, wait } = parseQuery(parameters.reading, query);
    await this.freshness.reach(after, wait);
    const statement = await this.queries.execute(new GetStatement(id));
    if (!statement) throw new Problem(404, 'statement-not-found', 'no statement has this id');
    return statement;
  }
}

const vantageOf = (asOf?: string, knownAt?: string) => (asOf || knownAt ? { asOf: asOf ?? null, knownAt: knownAt ?? null } : undefined);

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Problem(404, 'location-not-found', 'no place has this id');
  return value;
}

/** If-None-Match of RFC 9110: a list of tags, weak or not, or `*`. */
const matches = (header: string | undefined, etag: string) =>
  header !== undefined && header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
