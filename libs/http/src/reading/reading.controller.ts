import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { BitemporalPoint, LocationId, LocationState, Token } from '#libs/domain';
import { EventStore } from '#libs/log';
import { Problem } from '#libs/platform';
import {
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
  statementFeatureOf,
  type StatementItem,
  statementSchemas,
  stateSchemas,
} from '#libs/queries';
import { asOfKnownAt, bothMoments, onlyKnownAt } from './bookmark-link.js';
import { Describe } from '../openapi/describe.js';
import { Form, Forms, GEOJSON, JSON_TYPE } from '../edge/forms.js';
import { bitemporalPointOf, linkOf, namesTag, Questions } from './questions.js';
import { ReadYourWrites } from './read-your-writes.js';
import { locationIdOf, parameters, type Parsed, parseQuery, path } from '../parameters.js';
import { Answer, jsonOfList } from '../edge/answer.js';
import { by, locationId, uuidOr } from '../edge/schema.pipe.js';
import { pageOf } from '../edge/refusals.js';

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
    private readonly questions: Questions,
    private readonly store: EventStore,
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
    @Form() form: string,
    @Req() request: FastifyRequest,
    @Query(by(parameters.locations))
    { limit, cursor, order, asOf, knownAt, ruleset, after, wait, ...filter }: Parsed<'locations'>,
  ): Promise<Answer> {
    const point = bitemporalPointOf(asOf, knownAt, ruleset);
    const { bookmark, options } = await this.questions.begin({ after, wait, ruleset }, point ?? {});
    const listed = { ...options, inLog: (token: Token) => this.readYourWrites.inLog(token, 'cursor') };
    let answer;
    do answer = await this.queries.execute(new ListPlaces(filter, order, { limit, cursor }, point, listed));
    while (await bookmark.isOpen());
    const headers = linkOf(request, bookmark, asOfKnownAt);
    const page = pageOf(answer);
    const { epochs } = this.store;
    // The states are JSON already.
    if (form !== GEOJSON)
      return new Answer(
        `{"items":[${epochs.inStates(page.items.join(','))}],"nextCursor":${JSON.stringify(page.nextCursor)}}`,
        { type: JSON_TYPE, headers },
      );
    return collectionOf(
      page,
      (item) => featureOf(JSON.parse(epochs.inStates(item)) as LocationState),
      headers,
    );
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
  async location(@Param('id') given: string, @Req() request: FastifyRequest): Promise<Answer> {
    // The route that is asked most: pipes and more parameters would cost it 2 %.
    const id = locationIdOf(given);
    const { asOf, knownAt, ...awaited } = parseQuery(parameters.location, request.query as object);
    const point = bitemporalPointOf(asOf, knownAt, awaited.ruleset);
    const asMap = request.form === GEOJSON;
    const wanted = request.headers['if-none-match'];
    let unless = wanted && storedTagOf(wanted, asMap);
    const { bookmark, options } = await this.questions.begin(awaited, point ?? {});
    let answer;
    do {
      answer = await this.queries.execute(new GetPlace(id, point, options, unless));
      // Asked again for a bookmark, the answer has to name its places.
      unless = undefined;
    } while (await bookmark.isOpen());
    const headers = linkOf(request, bookmark, asOfKnownAt);
    const state = found(answer, id, knownAt);
    const etag = asMap ? state.etag.replace(/"$/, `${OF_MAP}"`) : state.etag;
    const withTag = { ...headers, etag, 'cache-control': 'no-cache' };
    if (namesTag(wanted, etag)) return new Answer(undefined, { status: 304, headers: withTag });
    const json = this.store.epochs.inStates(state.json);
    return asMap
      ? new Answer(JSON.stringify(featureOf(JSON.parse(json) as LocationState)), {
          type: GEOJSON,
          headers: withTag,
        })
      : new Answer(json, { type: JSON_TYPE, headers: withTag });
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
    @Form() form: string,
    @Req() request: FastifyRequest,
    @Query(by(parameters.timeline)) { limit, cursor, after, wait, ruleset, ...filter }: Parsed<'timeline'>,
    @Param('id', locationId) id: LocationId,
  ): Promise<Answer> {
    const { bookmark, options } = await this.questions.begin({ after, wait, ruleset }, filter);
    let answer;
    do answer = await this.queries.execute(new GetTimeline(id, filter, { limit, cursor }, options));
    while (await bookmark.isOpen());
    const headers = linkOf(request, bookmark, asOfKnownAt);
    const page = pageOf(found(answer, id, filter.knownAt));
    return form === GEOJSON ? this.collection(page, filter, headers) : jsonPage(page, headers);
  }

  @Get('locations/:id/history')
  @Describe({
    id: 'getHistory',
    summary: 'The statuses that a place had, oldest first',
    params,
    query: parameters.history,
    answers: { 200: ['A page', stateSchemas.historySchema] },
    problems,
    bookmark: true,
  })
  async history(
    @Req() request: FastifyRequest,
    @Query(by(parameters.history)) { limit, cursor, after, wait, ruleset, ...point }: Parsed<'history'>,
    @Param('id', locationId) id: LocationId,
  ): Promise<Answer> {
    const { bookmark, options } = await this.questions.begin({ after, wait, ruleset }, point);
    let answer;
    do answer = await this.queries.execute(new GetHistory(id, point, { limit, cursor }, options));
    while (await bookmark.isOpen());
    return new Answer(pageOf(found(answer, id, point.knownAt)), {
      headers: linkOf(request, bookmark, asOfKnownAt),
    });
  }

  @Get('locations/:id/compare')
  @Describe({
    id: 'compareMoments',
    summary: 'A place at two moments, and the differences',
    params,
    query: parameters.compare,
    answers: {
      200: ['Both states, and a page of the statements that differ', statementSchemas.comparisonSchema],
    },
    problems,
    bookmark: true,
  })
  async compare(
    @Req() request: FastifyRequest,
    @Query(by(parameters.compare)) { a, b = {}, limit, cursor, ...awaited }: Parsed<'compare'>,
    @Param('id', locationId) id: LocationId,
  ): Promise<Answer> {
    const { bookmark, options } = await this.questions.begin(awaited, a, b);
    let answer;
    do answer = await this.queries.execute(new CompareMoments(id, a, b, { limit, cursor }, options));
    while (await bookmark.isOpen());
    const headers = linkOf(request, bookmark, bothMoments);
    const json = this.store.epochs.inStates(JSON.stringify(pageOf(found(answer, id, a.knownAt, b.knownAt))));
    return new Answer(json, { type: JSON_TYPE, headers });
  }

  @Get('changes')
  @Describe({
    id: 'listChanges',
    summary:
      'Changes of status or holders, by the time at which they were stated; with knownAt (as known then) or ruleset place by place',
    query: parameters.changes,
    answers: { 200: ['A page', statementSchemas.changesSchema] },
    problems: { 404: 'No such ruleset', 504: problems[504] },
    bookmark: true,
  })
  async changes(
    @Req() request: FastifyRequest,
    @Query(by(parameters.changes))
    { limit, cursor, after, wait, knownAt, ruleset, order, statement, ...filter }: Parsed<'changes'>,
  ): Promise<Answer> {
    const { bookmark, options } = await this.questions.begin({ after, wait, ruleset }, { knownAt });
    let answer;
    do
      answer = await this.queries.execute(
        new ListChanges(filter, knownAt ?? null, { limit, cursor }, options, { order, statement }),
      );
    while (await bookmark.isOpen());
    return new Answer(pageOf(answer), { headers: linkOf(request, bookmark, onlyKnownAt) });
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
    @Form() form: string,
    @Query(by(parameters.statements)) { limit, cursor, after, wait, ...filter }: Parsed<'statements'>,
  ): Promise<Answer> {
    await this.readYourWrites.reach({ after, wait }, filter.knownAt);
    const page = pageOf(await this.queries.execute(new ListStatements(filter, { limit, cursor })));
    return form === GEOJSON ? this.collection(page, filter) : jsonPage(page);
  }

  @Get('statements/:statementId')
  @Forms(JSON_TYPE, GEOJSON)
  @Describe({
    id: 'getStatement',
    summary: 'One statement',
    params: { statementId: path.statement },
    query: parameters.statement,
    answers: { 200: ['The statement', { 'application/json': 'Statement', [GEOJSON]: 'StatementFeature' }] },
    problems: { ...problems, 404: 'No such statement, or none that was recorded by `knownAt`' },
  })
  async statement(
    @Form() form: string,
    @Query(by(parameters.statement)) { after, wait, ...point }: Parsed<'statement'>,
    @Param('statementId', uuidOr('statement-not-found')) id: string,
  ): Promise<object> {
    const { knownAt } = point;
    await this.readYourWrites.reach({ after, wait }, knownAt);
    const statement = await this.queries.execute(new GetStatement(id, point));
    if (!statement) {
      const then = knownAt ? `, or it was not recorded by ${knownAt}` : '';
      throw new Problem(404, 'statement-not-found', `no statement has the id ${id}${then}`);
    }
    return form === GEOJSON
      ? new Answer(statementFeatureOf((await this.located([statement], point))[0]!), { type: GEOJSON })
      : statement;
  }

  private async collection(
    page: Page<StatementItem>,
    point: BitemporalPoint,
    headers?: Record<string, string>,
  ): Promise<Answer> {
    return collectionOf(
      { ...page, items: await this.located(page.items, point) },
      statementFeatureOf,
      headers,
    );
  }

  /** Statements, each with the coordinates of its place. */
  private located(items: readonly StatementItem[], point: BitemporalPoint) {
    return this.queries.execute(new LocateStatements(items, point));
  }
}

type Headers = Record<string, string> | undefined;

const jsonPage = async ({ items, nextCursor }: Page<object>, headers?: Headers): Promise<Answer> =>
  new Answer(
    `{"items":${await jsonOfList(items, (item) => item)},"nextCursor":${JSON.stringify(nextCursor)}}`,
    { type: JSON_TYPE, headers },
  );

/** GeoJSON (RFC 7946) of a page. */
const collectionOf = async <T>(
  { items, nextCursor }: Page<T>,
  featureOf: (item: T) => object,
  headers: Headers,
): Promise<Answer> =>
  new Answer(
    `{"type":"FeatureCollection","features":${await jsonOfList(items, featureOf)},"nextCursor":${JSON.stringify(nextCursor)}}`,
    { type: GEOJSON, headers },
  );

/** @throws Problem 404 `location-not-found`; its detail names the time by which the place was not known */
function found<T>(value: T | undefined, id: LocationId, ...knownAt: (string | null | undefined)[]): T {
  if (value !== undefined) return value;
  const times = knownAt.filter((time) => time != null);
  const detail =
    times.length === 0
      ? `no place has the id ${id}`
      : `no place with the id ${id} was known at ${times.join(' or ')}`;
  throw new Problem(404, 'location-not-found', detail);
}

/** The end of the tag of a state as GeoJSON. */
const OF_MAP = '-geo';

/** The tag of the stored state for which If-None-Match is answered 304, if it is only one, as caches send it. */
function storedTagOf(header: string, asMap: boolean): string | undefined {
  const [, tag, ofMap] = /^(?:W\/)?("[\w-]{1,40}?)(-geo)?"$/.exec(header) ?? [];
  return tag !== undefined && asMap === (ofMap !== undefined) ? `${tag}"` : undefined;
}
