import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LocationState, Ruleset, BitemporalPoint } from '#libs/domain';
import { Problem } from '#libs/platform';
import {
  Bookmarks,
  CompareMoments,
  featureOf,
  GetHistory,
  GetPlace,
  GetStatement,
  GetTimeline,
  ListChanges,
  ListPlaces,
  ListStatements,
  LocateStatements,
  type Page,
  QUERIES,
  type QueryExecutor,
  type QueryOptions,
  statementFeatureOf,
  type StatementItem,
} from '#libs/queries';
import { asOfKnownAt, bookmarkLink, bothMoments, onlyKnownAt } from './bookmark-link.js';
import { Describe } from '../openapi/describe.js';
import { Form, Forms, GEOJSON, JSON_TYPE } from '../edge/forms.js';
import { ReadYourWrites } from './read-your-writes.js';
import { locationIdOf, parameters, parseQuery, path, uuidOf } from '../parameters.js';
import { pageOf } from '../edge/refusals.js';
import { Rulesets } from './rulesets.js';

const params = { id: path.location };
const problems = {
  404: 'No such place, or no such ruleset',
  504: 'The read models have not reached `after`, or lack events that were recorded by `knownAt`',
};

const STATEMENTS = { 'application/json': 'Statements', [GEOJSON]: 'StatementFeatureCollection' } as const;

@ApiTags('reading')
@Controller('v1')
export class ReadingController {
  constructor(
    @Inject(QUERIES) private readonly queries: QueryExecutor,
    private readonly readYourWrites: ReadYourWrites,
    private readonly rulesets: Rulesets,
    private readonly bookmarks: Bookmarks,
  ) {}

  @Get('locations')
  @Forms(JSON_TYPE, GEOJSON)
  @Describe({
    id: 'listLocations',
    summary: 'States of places',
    query: parameters.locations,
    answers: { 200: ['A page', { 'application/json': 'States', [GEOJSON]: 'FeatureCollection' }] },
    problems: { 404: 'No such ruleset', 504: problems[504] },
    bookmark: true,
  })
  async locations(
    @Query() query: unknown,
    @Form() form: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const {
      limit,
      cursor,
      order,
      asOf,
      knownAt,
      ruleset: version,
      after,
      wait,
      ...filter
    } = parseQuery(parameters.locations, query);
    const ruleset = await this.rulesets.of(version);
    await this.readYourWrites.reach({ after, wait }, knownAt);
    const point = bitemporalPointOf(asOf, knownAt, ruleset);
    const page = pageOf(
      await this.answerWithBookmark(request, reply, [point ?? {}], asOfKnownAt, (onBasis) =>
        this.queries.execute(new ListPlaces(filter, order, { limit, cursor }, point, { ruleset, onBasis })),
      ),
    );
    // The states are JSON already.
    if (form === GEOJSON)
      await reply.type(GEOJSON).send(
        JSON.stringify(
          collectionOf(
            page.items.map((item) => featureOf(JSON.parse(item) as LocationState)),
            page,
          ),
        ),
      );
    else
      await reply
        .type('application/json')
        .send(`{"items":[${page.items.join(',')}],"nextCursor":${JSON.stringify(page.nextCursor)}}`);
  }

  @Get('locations/:id')
  @Forms(JSON_TYPE, GEOJSON)
  @Describe({
    id: 'getLocation',
    summary: 'The state of a place',
    params,
    query: parameters.location,
    answers: {
      200: ['The state', { 'application/json': 'State', [GEOJSON]: 'Feature' }],
      304: ['Unchanged'],
    },
    problems,
    bookmark: true,
    headers: { ETag: 'Changes whenever the state does; If-None-Match with it is answered 304' },
  })
  async location(
    @Param('id') given: string,
    @Query() query: object,
    @Form() form: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const id = locationIdOf(given);
    const { asOf, knownAt, ruleset: version, after, wait } = parseQuery(parameters.location, query);
    const ruleset = version === undefined ? undefined : await this.rulesets.of(version);
    if (after || knownAt) await this.readYourWrites.reach({ after, wait }, knownAt);
    const point = bitemporalPointOf(asOf, knownAt, ruleset);
    const state = found(
      await this.answerWithBookmark(request, reply, [point ?? {}], asOfKnownAt, (onBasis) =>
        this.queries.execute(new GetPlace(id, point, { ruleset, onBasis })),
      ),
    );
    const asMap = form === GEOJSON;
    const etag = asMap ? state.etag.replace(/"$/, '-geo"') : state.etag;
    void reply.header('etag', etag).header('cache-control', 'no-cache');
    if (matches(request.headers['if-none-match'], etag)) await reply.status(304).send();
    else if (asMap)
      await reply.type(GEOJSON).send(JSON.stringify(featureOf(JSON.parse(state.json) as LocationState)));
    else await reply.type('application/json').send(state.json);
  }

  @Get('locations/:id/timeline')
  @Forms(JSON_TYPE, GEOJSON)
  @Describe({
    id: 'getTimeline',
    summary: 'Every statement about a place',
    params,
    query: parameters.timeline,
    answers: { 200: ['A page', STATEMENTS] },
    problems,
    bookmark: true,
  })
  async timeline(
    @Param('id') given: string,
    @Query() query: unknown,
    @Form() form: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const id = locationIdOf(given);
    const {
      limit,
      cursor,
      after,
      wait,
      ruleset: version,
      ...filter
    } = parseQuery(parameters.timeline, query);
    const ruleset = await this.rulesets.of(version);
    await this.readYourWrites.reach({ after, wait }, filter.knownAt);
    const page = pageOf(
      found(
        await this.answerWithBookmark(request, reply, [filter], asOfKnownAt, (onBasis) =>
          this.queries.execute(new GetTimeline(id, filter, { limit, cursor }, { ruleset, onBasis })),
        ),
      ),
    );
    return form === GEOJSON ? this.collection(page, filter, reply) : page;
  }

  @Get('locations/:id/history')
  @Describe({
    id: 'getHistory',
    summary: 'The statuses that a place had, oldest first',
    params,
    query: parameters.history,
    answers: { 200: ['A page', 'History'] },
    problems,
    bookmark: true,
  })
  async history(
    @Param('id') given: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const id = locationIdOf(given);
    const { limit, cursor, after, wait, ruleset: version, ...point } = parseQuery(parameters.history, query);
    const ruleset = await this.rulesets.of(version);
    await this.readYourWrites.reach({ after, wait }, point.knownAt);
    return pageOf(
      found(
        await this.answerWithBookmark(request, reply, [point], asOfKnownAt, (onBasis) =>
          this.queries.execute(new GetHistory(id, point, { limit, cursor }, { ruleset, onBasis })),
        ),
      ),
    );
  }

  @Get('locations/:id/compare')
  @Describe({
    id: 'compareMoments',
    summary: 'A place at two moments, and the differences',
    params,
    query: parameters.compare,
    answers: { 200: ['Both states, and a page of the statements that differ', 'Comparison'] },
    problems,
    bookmark: true,
  })
  async compare(
    @Param('id') given: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const id = locationIdOf(given);
    const { a, b = {}, limit, cursor, after, wait, ruleset: version } = parseQuery(parameters.compare, query);
    const ruleset = await this.rulesets.of(version);
    await this.readYourWrites.reach({ after, wait }, a.knownAt, b.knownAt);
    return pageOf(
      found(
        await this.answerWithBookmark(request, reply, [a, b], bothMoments, (onBasis) =>
          this.queries.execute(new CompareMoments(id, a, b, { limit, cursor }, { ruleset, onBasis })),
        ),
      ),
    );
  }

  @Get('changes')
  @Describe({
    id: 'listChanges',
    summary:
      'Changes of status or holders, by the time at which they were stated; with knownAt (as known then) or ruleset place by place',
    query: parameters.changes,
    answers: { 200: ['A page', 'Changes'] },
    problems: { 404: 'No such ruleset', 504: problems[504] },
    bookmark: true,
  })
  async changes(
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const {
      limit,
      cursor,
      after,
      wait,
      knownAt = null,
      ruleset: version,
      ...filter
    } = parseQuery(parameters.changes, query);
    const ruleset = await this.rulesets.of(version);
    await this.readYourWrites.reach({ after, wait }, knownAt);
    return pageOf(
      await this.answerWithBookmark(request, reply, [{ knownAt }], onlyKnownAt, (onBasis) =>
        this.queries.execute(new ListChanges(filter, knownAt, { limit, cursor }, { ruleset, onBasis })),
      ),
    );
  }

  @Get('statements')
  @Forms(JSON_TYPE, GEOJSON)
  @Describe({
    id: 'listStatements',
    summary: 'Statements across places, newest first',
    query: parameters.statements,
    answers: { 200: ['A page', STATEMENTS] },
    problems: { 504: problems[504] },
  })
  async statements(
    @Query() query: unknown,
    @Form() form: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const { limit, cursor, after, wait, ...filter } = parseQuery(parameters.statements, query);
    await this.readYourWrites.reach({ after, wait });
    const page = pageOf(await this.queries.execute(new ListStatements(filter, { limit, cursor })));
    return form === GEOJSON ? this.collection(page, {}, reply) : page;
  }

  @Get('statements/:statementId')
  @Forms(JSON_TYPE, GEOJSON)
  @Describe({
    id: 'getStatement',
    summary: 'One statement',
    params: { statementId: path.statement },
    query: parameters.reading,
    answers: { 200: ['The statement', { 'application/json': 'Statement', [GEOJSON]: 'StatementFeature' }] },
    problems: { ...problems, 404: 'No such statement' },
  })
  async statement(
    @Param('statementId') given: string,
    @Query() query: unknown,
    @Form() form: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const id = uuidOf(given, 'statement-not-found');
    const { after, wait } = parseQuery(parameters.reading, query);
    await this.readYourWrites.reach({ after, wait });
    const statement = await this.queries.execute(new GetStatement(id));
    if (!statement) throw new Problem(404, 'statement-not-found', 'no statement has this id');
    return form === GEOJSON ? (await this.features([statement], {}, reply))[0]! : statement;
  }

  private async collection(
    page: Page<StatementItem>,
    point: BitemporalPoint,
    reply: FastifyReply,
  ): Promise<object> {
    return collectionOf(await this.features(page.items, point, reply), page);
  }

  /** Statements as GeoJSON features, each at the coordinates of its place. */
  private async features(items: readonly StatementItem[], point: BitemporalPoint, reply: FastifyReply) {
    void reply.type(GEOJSON);
    return (await this.queries.execute(new LocateStatements(items, point))).map(statementFeatureOf);
  }

  /** Answers, with the header that links to the question whose answer never changes, where there is one. */
  private async answerWithBookmark<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    points: readonly BitemporalPoint[],
    moments: Parameters<typeof bookmarkLink>[2],
    ask: (onBasis: QueryOptions['onBasis']) => Promise<T>,
  ): Promise<T> {
    const { answer, fixed } = await this.bookmarks.answer(points, ask);
    const link = fixed && bookmarkLink(request.url, fixed, moments);
    if (link !== undefined) void reply.header('link', link);
    return answer;
  }
}

/** GeoJSON (RFC 7946) of a page. */
const collectionOf = (features: object[], { nextCursor }: { nextCursor: string | null }) => ({
  type: 'FeatureCollection',
  features,
  nextCursor,
});

/** Undefined for the present state by the ruleset in force, which is kept ready. */
const bitemporalPointOf = (asOf?: string, knownAt?: string, ruleset?: Ruleset) =>
  asOf || knownAt || ruleset ? { asOf: asOf ?? null, knownAt: knownAt ?? null } : undefined;

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Problem(404, 'location-not-found', 'no place has this id');
  return value;
}

/** If-None-Match of RFC 9110: a list of tags, weak or not, or `*`. */
const matches = (header: string | undefined, etag: string) =>
  header !== undefined &&
  header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
