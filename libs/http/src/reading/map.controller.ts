import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { TimeSlice } from '#libs/concurrency';
import type { BitemporalPoint } from '#libs/domain';
import { EventStore } from '#libs/log';
import { digestOf } from '#libs/projection';
import { Problem, SETTINGS, type Settings } from '#libs/platform';
import {
  CountDays,
  CountFacets,
  GetMap,
  GetMapChanges,
  GetModelsVersion,
  mapSchemas,
  type ModelsVersion,
  QUERIES,
  type QueryExecutor,
  type QueryOptions,
} from '#libs/queries';
import { Describe } from '../openapi/describe.js';
import { Answer } from '../edge/answer.js';
import { JSON_TYPE } from '../edge/forms.js';
import { by } from '../edge/schema.pipe.js';
import { parameters, type Parsed } from '../parameters.js';
import { asOfKnownAt, onlyKnownAt } from './bookmark-link.js';
import { type KeptAnswer, KeptAnswers } from './kept-answers.js';
import { bitemporalPointOf, linkOf, namesTag, Questions } from './questions.js';
import type { Awaited } from './read-your-writes.js';

const headers = {
  ETag: 'Changes whenever the read models do; If-None-Match with it is answered 304 at once',
};
const problems = {
  404: 'No such ruleset',
  422: 'The input is invalid; or `map-too-large`: `errors` names what would make it smaller',
  504: 'The read models have not reached `after`, or lack events that were recorded by `knownAt`',
};
const unchanged: [string] = ['Unchanged'];

/** What an answer is made for: which question, at which moment, and how. */
interface Wanted {
  name: string;
  /** All that tells this question from others. */
  question: object;
  point: BitemporalPoint;
  moments: Parameters<typeof linkOf>[2];
  make: (options: QueryOptions) => Promise<{ version: ModelsVersion; shown: object }>;
}

/** All places, or all changes, at once: what a page needs that shows a map, a list and a slider beside each other. */
@ApiTags('reading')
@Controller('v1')
export class MapController {
  private readonly answers = new KeptAnswers();

  constructor(
    @Inject(QUERIES) private readonly queries: QueryExecutor,
    private readonly questions: Questions,
    private readonly store: EventStore,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Get('map')
  @Describe({
    id: 'getMap',
    summary: 'All places of a filter at once, in columns',
    description:
      'Each of `columns` has a value for each place, in the order of ids; numbers stand for what the dictionaries beside them ' +
      'have at that index. Where more places match than MAX_MAP_PLACES (default 20,000), `zoom` has them counted by cells; ' +
      'a past moment of so many is refused.',
    query: parameters.map,
    answers: { 200: ['The places, or counts by cells', mapSchemas.mapSchema], 304: unchanged },
    problems,
    bookmark: true,
    headers,
  })
  map(
    @Req() request: FastifyRequest,
    @Query(by(parameters.map)) { asOf, knownAt, ruleset, after, wait, zoom, ...filter }: Parsed<'map'>,
  ): Promise<Answer> {
    const point = bitemporalPointOf(asOf, knownAt, ruleset);
    const { mapPlaces: most } = this.settings.limits;
    return this.columns(
      request,
      { after, wait, ruleset },
      {
        name: 'map',
        question: { filter, zoom, point },
        point: point ?? {},
        moments: asOfKnownAt,
        make: async (options) => {
          const found = await this.queries.execute(new GetMap(filter, point, { ...options, most, zoom }));
          if (found === 'too-many') throw point ? tooManyToFold(most) : tooManyPlaces(most);
          return { version: found.version, shown: found.map };
        },
      },
    );
  }

  @Get('map/changes')
  @Describe({
    id: 'getMapChanges',
    summary: 'All changes of status or holders between two times at once, in columns',
    description:
      'The changes of `/v1/changes`, by time, then place. More than MAX_MAP_CHANGES (default 100,000) are refused.',
    query: parameters.mapChanges,
    answers: { 200: ['The changes', mapSchemas.mapChangesSchema], 304: unchanged },
    problems,
    bookmark: true,
    headers,
  })
  changes(
    @Req() request: FastifyRequest,
    @Query(by(parameters.mapChanges))
    { knownAt, ruleset, after, wait, ...filter }: Parsed<'mapChanges'>,
  ): Promise<Answer> {
    const { mapPlaces: most, mapChanges: mostChanges } = this.settings.limits;
    return this.columns(
      request,
      { after, wait, ruleset },
      {
        name: 'map/changes',
        question: { filter, knownAt },
        point: { knownAt },
        moments: onlyKnownAt,
        make: async (options) => {
          const found = await this.queries.execute(
            new GetMapChanges(filter, knownAt ?? null, { ...options, most, mostChanges }),
          );
          if (found === 'too-many') throw tooManyChanges(mostChanges);
          return { version: found.version, shown: found.changes };
        },
      },
    );
  }

  @Get('map/days')
  @Describe({
    id: 'getMapDays',
    summary: 'Changes of status or holders counted by day, over all the time of the store',
    query: parameters.mapChanges,
    answers: { 200: ['The days with changes', mapSchemas.mapDaysSchema], 304: unchanged },
    problems,
    bookmark: true,
    headers,
  })
  days(
    @Req() request: FastifyRequest,
    @Query(by(parameters.mapChanges))
    { knownAt, ruleset, after, wait, ...filter }: Parsed<'mapChanges'>,
  ): Promise<Answer> {
    const { mapPlaces: most, mapChanges: mostChanges } = this.settings.limits;
    return this.columns(
      request,
      { after, wait, ruleset },
      {
        name: 'map/days',
        question: { filter, knownAt },
        point: { knownAt },
        moments: onlyKnownAt,
        make: async (options) => {
          const found = await this.queries.execute(
            new CountDays(filter, knownAt ?? null, { ...options, most, mostChanges }),
          );
          if (found === 'too-many') throw tooManyChanges(mostChanges);
          return { version: found.version, shown: found.days };
        },
      },
    );
  }

  @Get('locations/facets')
  @Describe({
    id: 'countFacets',
    summary: 'How many places each status, side, flag and region has, by the other filters',
    query: parameters.facets,
    answers: { 200: ['The counts', mapSchemas.facetsSchema], 304: unchanged },
    problems,
    bookmark: true,
    headers,
  })
  facets(
    @Req() request: FastifyRequest,
    @Query(by(parameters.facets)) { asOf, knownAt, ruleset, after, wait, ...filter }: Parsed<'facets'>,
  ): Promise<Answer> {
    const point = bitemporalPointOf(asOf, knownAt, ruleset);
    const { mapPlaces: most } = this.settings.limits;
    return this.columns(
      request,
      { after, wait, ruleset },
      {
        name: 'facets',
        question: { filter, point },
        point: point ?? {},
        moments: asOfKnownAt,
        make: async (options) => {
          const found = await this.queries.execute(new CountFacets(filter, point, { ...options, most }));
          if (found === 'too-many') throw tooManyToFold(most);
          return { version: found.version, shown: found.facets };
        },
      },
    );
  }

  private async columns(
    request: FastifyRequest,
    awaited: Awaited & { ruleset?: string | undefined },
    { name, question, point, moments, make }: Wanted,
  ): Promise<Answer> {
    const { bookmark, options } = await this.questions.begin(awaited, point);
    const { epochs } = this.store;
    const asked = JSON.stringify([name, question, awaited.ruleset, epochs.present]);
    const wanted = request.headers['if-none-match'];
    const tagOf = ({ key }: ModelsVersion) => `"${digestOf(`${key} ${asked}`)}"`;
    let version: ModelsVersion;
    let answer: KeptAnswer | undefined;
    do {
      version = await this.queries.execute(new GetModelsVersion(options));
      answer = undefined;
      if (!namesTag(wanted, tagOf(version))) {
        answer = await this.answers.of(asked, version.key, async () => {
          const { version: of, shown } = await make(options);
          const json = await jsonOf({ ...shown, token: epochs.format(of.token) });
          return { version: of, body: Buffer.from(json) };
        });
        version = answer.version;
      }
      options.onBasis?.({ ruleset: version.rulesetVersion, recordedAt: version.recordedAt });
    } while (await bookmark.isOpen());
    const headersOf = {
      ...linkOf(request, bookmark, moments),
      etag: tagOf(version),
      'cache-control': 'no-cache',
    };
    return answer
      ? new Answer(answer.body, { type: JSON_TYPE, headers: headersOf })
      : new Answer(undefined, { status: 304, headers: headersOf });
  }
}

/** JSON of an object, made in slices: a column, or another value in it, is one step. */
async function jsonOf(object: object, slice = new TimeSlice()): Promise<string> {
  const fields: string[] = [];
  for (const [name, value] of Object.entries(object)) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    fields.push(`${JSON.stringify(name)}:${isObject ? await jsonOf(value, slice) : JSON.stringify(value)}`);
    if (slice.isOver()) await slice.rest();
  }
  return `{${fields.join(',')}}`;
}

const tooLarge = (detail: string, ...smaller: string[]) =>
  new Problem(
    422,
    'map-too-large',
    detail,
    smaller.map((parameter) => ({ pointer: `/${parameter}`, detail: 'makes it smaller' })),
  );
const tooManyPlaces = (most: number) =>
  tooLarge(
    `more than ${most} places match: give zoom (with bbox for a part of the map) to have them counted by cells, or filter`,
    'zoom',
    'bbox',
  );
const tooManyToFold = (most: number) =>
  tooLarge(
    `a past moment of more than ${most} places is not made at once: ask for a part with bbox, or page through /v1/locations`,
    'bbox',
  );
const tooManyChanges = (most: number) =>
  tooLarge(`more than ${most} changes: ask for a shorter time with from and to`, 'from', 'to');
