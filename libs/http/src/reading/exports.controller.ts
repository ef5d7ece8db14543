import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BitemporalPoint, Ruleset } from '#libs/domain';
import { LOGGER, type Logger, Problem, SETTINGS, type Settings } from '#libs/platform';
import { GetPlace, QUERIES, type QueryExecutor } from '#libs/queries';
import {
  exportChanges,
  exportStatements,
  exportStates,
  exportTimelines,
  type FormatOptions,
  type TextChunk,
} from '#libs/transfer';
import { Describe } from '../openapi/describe.js';
import { CSV, Form, Forms, GEOJSON, NDJSON } from '../edge/forms.js';
import { by } from '../edge/schema.pipe.js';
import { endOf, OpenStreams, streamText } from '../edge/streaming.js';
import { parameters, type Parsed } from '../parameters.js';
import { bitemporalPointOf, Questions } from './questions.js';
import type { Awaited } from './read-your-writes.js';

type Format = 'csv' | 'ndjson' | 'geojson';
const FORMATS: Record<string, Format> = { [CSV]: 'csv', [NDJSON]: 'ndjson', [GEOJSON]: 'geojson' };
const TYPES: Record<Format, string> = { csv: `${CSV}; charset=utf-8`, ndjson: NDJSON, geojson: GEOJSON };

const contents = (row: string) => ({
  [CSV]: { text: `A row for each ${row}` },
  [NDJSON]: { text: `A line for each ${row}` },
  [GEOJSON]: 'ExportedFeatures' as const,
});
const description =
  'An answer of any length, as a file to save, with the columns of `claimline export` and `pageUrl`, the page of what the row is ' +
  'about. An answer that could not be finished is cut off; NDJSON ends with a line `{"problem"}` then.';
const problems = {
  404: 'No such ruleset',
  504: 'The read models have not reached `after`, or lack events that were recorded by `knownAt`',
};
const headers = { 'Content-Disposition': 'The name of the file' };

/** What is exported, as a file. */
interface Exported {
  /** In the name of the file: locations, statements-gn-703656. */
  what: string;
  format: Format;
  excel: boolean | undefined;
  point: BitemporalPoint;
  awaited: Awaited & { ruleset: string | undefined };
  /** @throws Problem where there is nothing of the kind */
  check?: (ruleset: Ruleset | undefined) => Promise<void>;
  chunks: (
    options: Pick<FormatOptions, 'ruleset'> &
      Required<Pick<FormatOptions, 'pages'>> & { format: Format; excel: boolean },
  ) => AsyncIterable<TextChunk>;
}

/** The day that a file is of: the last one, of those that a point has, of which it can say anything. */
const dayOf = ({ asOf, knownAt }: BitemporalPoint): string =>
  [asOf, knownAt, new Date().toISOString()]
    .filter((one) => one != null)
    .toSorted()[0]!
    .slice(0, 10);

/** Exports of any length, to which what is shown with the same filters links. */
@ApiTags('reading')
@Controller('v1/exports')
export class ExportsController {
  private open = 0;

  constructor(
    @Inject(QUERIES) private readonly queries: QueryExecutor,
    private readonly questions: Questions,
    private readonly streams: OpenStreams,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Get('locations')
  @Forms(CSV, NDJSON, GEOJSON)
  @Describe({
    id: 'exportLocations',
    summary: 'The states of all places of a filter, as a file',
    description,
    query: parameters.exportedLocations,
    answers: { 200: ['The file', contents('place')] },
    problems,
    headers,
  })
  async locations(
    @Query(by(parameters.exportedLocations))
    { asOf, knownAt, ruleset, after, wait, format, excel, ...filter }: Parsed<'exportedLocations'>,
    @Form() form: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const point = { asOf: asOf ?? null, knownAt: knownAt ?? null };
    await this.send(reply, {
      what: 'locations',
      format: format ?? FORMATS[form]!,
      excel,
      point,
      awaited: { after, wait, ruleset },
      chunks: (options) => exportStates(this.queries, filter, point, options),
    });
  }

  @Get('statements')
  @Forms(CSV, NDJSON, GEOJSON)
  @Describe({
    id: 'exportStatements',
    summary: 'All statements of a filter, as a file',
    description: `${description} Newest first.`,
    query: parameters.exportedStatements,
    answers: { 200: ['The file', contents('statement')] },
    problems: { ...problems, 404: 'No such place, or no such ruleset' },
    headers,
  })
  async statements(
    @Query(by(parameters.exportedStatements))
    { location, side, ruleset, after, wait, format, excel, ...filter }: Parsed<'exportedStatements'>,
    @Form() form: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.send(reply, {
      what: location === undefined ? 'statements' : `statements-${location.replaceAll(':', '-')}`,
      format: format ?? FORMATS[form]!,
      excel,
      point: filter,
      awaited: { after, wait, ruleset },
      ...(location === undefined
        ? { chunks: (options) => exportStatements(this.queries, filter, options) }
        : {
            check: (rules) => this.checkPlace(location, filter, rules),
            chunks: (options) =>
              exportTimelines(
                this.queries,
                { id: location },
                { ...filter, ...(side !== undefined && { side }), order: 'desc' },
                options,
              ),
          }),
    });
  }

  @Get('changes')
  @Forms(CSV, NDJSON, GEOJSON)
  @Describe({
    id: 'exportChanges',
    summary: 'All changes of status or holders of a filter, as a file',
    description,
    query: parameters.exportedChanges,
    answers: { 200: ['The file', contents('change')] },
    problems,
    headers,
  })
  async changes(
    @Query(by(parameters.exportedChanges))
    { knownAt, ruleset, after, wait, format, excel, ...filter }: Parsed<'exportedChanges'>,
    @Form() form: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.send(reply, {
      what: 'changes',
      format: format ?? FORMATS[form]!,
      excel,
      point: { knownAt: knownAt ?? null },
      awaited: { after, wait, ruleset },
      chunks: (options) => exportChanges(this.queries, filter, knownAt ?? null, options),
    });
  }

  /** @throws Problem 404 `location-not-found`, before the answer has begun */
  private async checkPlace(
    id: string,
    { asOf, knownAt }: BitemporalPoint,
    ruleset: Ruleset | undefined,
  ): Promise<void> {
    const point = bitemporalPointOf(asOf ?? undefined, knownAt ?? undefined, ruleset?.version);
    if (await this.queries.execute(new GetPlace(id, point, { ruleset }))) return;
    const then = knownAt ? `, or it was not known at ${knownAt}` : '';
    throw new Problem(404, 'location-not-found', `no place has the id ${id}${then}`);
  }

  private async send(
    reply: FastifyReply,
    { what, format, excel = false, point, awaited, check, chunks }: Exported,
  ): Promise<void> {
    const {
      options: { ruleset },
    } = await this.questions.begin(awaited, point);
    await check?.(ruleset);
    const { exports: most } = this.settings.limits;
    if (this.open >= most)
      throw new Problem(503, 'streams-full', `${most} exports are made here, as many as may be; try again`);
    this.open += 1;
    try {
      const pages = this.pagesOf(reply.request, point, awaited.ruleset);
      const day = dayOf(point);
      async function* texts(signal: AbortSignal) {
        for await (const { text } of chunks({ format, excel, pages, ruleset })) {
          if (signal.aborted) throw endOf(signal);
          yield text;
        }
      }
      await streamText(
        reply,
        {
          'content-type': TYPES[format],
          'content-disposition': `attachment; filename="claimline-${what}-${day}.${format}"`,
          'cache-control': 'no-cache',
        },
        texts,
        { streams: this.streams, log: this.log, packs: true },
        format === 'ndjson' ? (problem) => `${JSON.stringify({ problem: problem.body() })}\n` : undefined,
      );
    } finally {
      this.open -= 1;
    }
  }

  /** Addresses of pages at the moment that is exported, where browsers find this service. */
  private pagesOf(
    { protocol, host }: FastifyRequest,
    { asOf, knownAt }: BitemporalPoint,
    ruleset: string | undefined,
  ) {
    const base = this.settings.browsers.publicUrl ?? `${protocol}://${host}`;
    const at = new URLSearchParams({
      ...(asOf && { asOf }),
      ...(knownAt && { knownAt }),
      ...(ruleset && { ruleset }),
    });
    const query = at.size > 0 ? `?${at.toString()}` : '';
    return {
      ofPlace: (id: string) => `${base}/places/${encodeURIComponent(id)}${query}`,
      ofStatement: (id: string) => `${base}/statements/${id}`,
    };
  }
}
