import { ApiOperation, ApiParam, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { applyDecorators } from '@nestjs/common';
import { z } from 'zod';
import { NEEDS, type Operation } from '#libs/access';
import { TimeSlice } from '#libs/concurrency';
import { AddRouteConfig } from '../edge/route-config.js';
import { named, describeFormats, type Schema } from './schemas/portable.js';
import { PREFIX, ref, refTo, refToAnswer, type SchemaName } from './schemas.js';

/** An answer: JSON of a schema, or for each media type a named schema or a description of the text; JSON first. */
type Content = SchemaName | z.ZodType | Record<string, SchemaName | { text: string }>;

interface Description {
  /** The name of the operation: a verb and its object. NEEDS says who may ask for it. */
  id: Operation;
  summary: string;
  /** More than the summary. */
  description?: string;
  query?: z.ZodObject;
  /** Names of parts of the path, each with its schema or a description. */
  params?: Record<string, z.ZodType | string>;
  /** Media type to schema. */
  body?: Record<string, z.ZodType | { text: string }>;
  bodyOptional?: boolean;
  /** Status to its meaning and its content. */
  answers: Record<number, [string, Content?]>;
  /** Problem statuses of this operation, besides those of every request. */
  problems?: Record<number, string>;
  /** Whether an answer links to the question whose answer never changes. */
  bookmark?: boolean;
  /** Other headers of the answers, with their meaning. */
  headers?: Record<string, string>;
  /** It answers even when the database is away. */
  alone?: boolean;
}

const pending: (() => void)[] = [];

/** Describes a request in /openapi.json by the schemas that validate it. The document is made on the first request for it. */
export const Describe =
  (description: Description): MethodDecorator =>
  (target, key, descriptor) => {
    const { id, body } = description;
    AddRouteConfig({ operation: id, ...(body && { takes: Object.keys(body) }) })(target, key, descriptor);
    pending.push(() => decorators(description)(target, key, descriptor));
  };

/** The named schemas of parameters. */
const ofParameters: Record<string, Schema> = {};

let passed: Promise<Record<string, Schema>> | undefined;

/** Passes the descriptions to Nest, in slices. @returns the named schemas of parameters */
export const describeAll = (): Promise<Record<string, Schema>> => (passed ??= passPending());

async function passPending(): Promise<Record<string, Schema>> {
  const slice = new TimeSlice();
  for (const describe of pending) {
    describe();
    if (slice.isOver()) await slice.rest();
  }
  return ofParameters;
}

function decorators({
  id,
  summary,
  description = `${summary}.`,
  query,
  params = {},
  body,
  bodyOptional,
  answers,
  problems = {},
  bookmark,
  headers = {},
  alone,
}: Description): MethodDecorator {
  const said = {
    ...(bookmark && BOOKMARK),
    ...Object.fromEntries(
      Object.entries(headers).map(([name, what]) => [
        name,
        { description: what, schema: { type: 'string' } },
      ]),
    ),
  };
  const need = NEEDS[id];
  const role = need === 'anyone' || need === 'nothing' ? undefined : need;
  const refused = {
    ...(need === 'anyone' && { 401: 'The key does not work' }),
    ...(role && {
      401: 'There is no key, or it does not work',
      403: `The key does not have the role \`${role}\``,
    }),
    400: `The request cannot be read${body ? ', or its body is not JSON' : ''}`,
    431: 'The headers or the query are too long',
    ...(body && BODY_PROBLEMS),
    ...((body || query) && { 422: INVALID }),
    ...(!alone && {
      429: 'Too many requests, or too many streams; Retry-After says when to try again',
      503: 'The database is away; try again',
    }),
    ...(query && TOKENS.some((name) => name in query.shape) && { 409: EPOCH_CHANGED }),
    ...problems,
  };
  return applyDecorators(
    ApiOperation({
      operationId: id,
      summary,
      description: role ? `${description}\n\nIt needs the role \`${role}\`.` : description,
      security: role ? [{ key: [] }] : [],
      ...(body && { requestBody: { required: !bodyOptional, content: contentOf(body) } }),
    }),
    ...Object.entries(params).map(([name, of]) =>
      typeof of === 'string'
        ? ApiParam({ name, description: of, schema: { type: 'string' } })
        : ApiParam({ name, ...described(of) }),
    ),
    ...Object.entries(query?.shape ?? {}).map(([name, schema]) => queryParameter(name, schema as z.ZodType)),
    ...Object.entries(answers).map(([status, [meaning, content]]) =>
      ApiResponse({
        status: Number(status),
        description: meaning,
        ...(Object.keys(said).length > 0 && { headers: said }),
        ...(content && { content: answerOf(content) }),
      }),
    ),
    ...Object.entries(refused).map(([status, meaning]) =>
      ApiResponse({ status: Number(status), ...refusal(meaning) }),
    ),
  );
}

const BOOKMARK = {
  Link: {
    description:
      '`<...>; rel="bookmark"`: the same question with asOf, knownAt and ruleset fixed, relative to this request; ' +
      'its answer never changes',
    schema: { type: 'string' },
  },
};

/** Parameters that are tokens of earlier answers. */
const TOKENS = ['after', 'from'];
const EPOCH_CHANGED =
  'The log has gone back behind the token: part of what it stands for is lost; `token` is where to go on';

const INVALID = 'The input is invalid; `errors` names every wrong field';
const BODY_PROBLEMS = { 413: 'The body is too large', 415: 'The media type of the body is not supported' };

export const refusal = (meaning: string) => ({
  description: meaning,
  content: contentOf({ 'application/problem+json': 'Problem' }),
});

const contentOf = (content: Record<string, SchemaName | z.ZodType | { text: string }>) =>
  Object.fromEntries(Object.entries(content).map(([type, of]) => [type, { schema: schemaOf(of) }]));

const answerOf = (content: Content) =>
  content instanceof z.ZodType
    ? { 'application/json': { schema: refToAnswer(content) } }
    : contentOf(typeof content === 'string' ? { 'application/json': content } : content);

function schemaOf(of: SchemaName | z.ZodType | { text: string }): object {
  if (typeof of === 'string') return ref(of);
  if (!(of instanceof z.ZodType)) return { type: 'string', description: of.text };
  const known = refTo(of);
  if (!known) throw new Error('a body has a name: add it to schemas.ts');
  return known;
}

/** A parameter as it is parsed: a number, a list; as text where the parsed form is not JSON. */
function described(schema: z.ZodType): { description: string; schema: object } {
  const as = (io: 'input' | 'output') =>
    named(z.toJSONSchema(schema, { io, unrepresentable: 'any', override: describeFormats }), {
      open: true,
      components: ofParameters,
      prefix: PREFIX,
      suffix: '',
    });
  const read = as('output');
  const { description, ...rest } = 'type' in read || '$ref' in read ? read : as('input');
  return { description: description as string, schema: rest };
}

function queryParameter(name: string, schema: z.ZodType): MethodDecorator {
  const { description, schema: shape } = described(schema);
  const isList = (shape as { type?: string }).type === 'array';
  return ApiQuery({
    name,
    required: !schema.safeParse(undefined).success,
    ...(description && { description }),
    schema: shape,
    ...(isList && { style: 'form', explode: true }),
  });
}
