import { ApiOperation, ApiParam, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { applyDecorators } from '@nestjs/common';
import { z } from 'zod';
import { named, sayMore, type Schema } from './schemas/portable.js';
import { PREFIX, ref, refTo, type SchemaName } from './schemas.js';

/** What is answered: JSON of a named schema, or for each media type a named schema or what the text is; JSON first. */
type Content = SchemaName | Record<string, SchemaName | { text: string }>;

interface Description {
  /** The name of the operation: a verb and what it is about. */
  id: string;
  summary: string;
  /** More than the summary says. */
  description?: string;
  query?: z.ZodObject;
  /** Names of parts of the path, each with its schema, or what it is in words. */
  params?: Record<string, z.ZodType | string>;
  /** Media type to schema. */
  body?: Record<string, z.ZodType | { text: string }>;
  bodyOptional?: boolean;
  /** Status to what it means and what is in it. */
  answers: Record<number, [string, Content?]>;
  /** Problem statuses that it may answer with besides those of every request. */
  problems?: Record<number, string>;
  /** Whether an answer names the same question for good. */
  bookmark?: boolean;
  /** Other headers of the answers, with what they mean. */
  headers?: Record<string, string>;
  /** It answers whether the database is there or not. */
  alone?: boolean;
}

const pending: (() => void)[] = [];

/** Describes a request for /openapi.json by the very schemas that check it. That is made when somebody asks for it. */
export const Describe =
  (description: Description): MethodDecorator =>
  (target, key, descriptor) => {
    pending.push(() => decorators(description)(target, key, descriptor));
  };

/** What parameters hold that has a name. */
const ofParameters: Record<string, Schema> = {};

/** Makes what was described known to Nest. @returns the named schemas of parameters */
export function describeAll(): Record<string, Schema> {
  for (const describe of pending.splice(0)) describe();
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
  const refused = {
    400: `The request cannot be read${body ? ', or its body is no JSON' : ''}`,
    ...(body && BODY_PROBLEMS),
    ...((body || query) && { 422: INVALID }),
    ...(!alone && { 503: 'The database is away; try again' }),
    ...problems,
  };
  return applyDecorators(
    ApiOperation({
      operationId: id,
      summary,
      description,
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
        ...(content && {
          content: contentOf(typeof content === 'string' ? { 'application/json': content } : content),
        }),
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
      '`<...>; rel="bookmark"`: the same question with asOf, knownAt and ruleset fixed, relative to what was asked for; it is answered the same for good',
    schema: { type: 'string' },
  },
};

const INVALID = 'What came in is wrong; `errors` names every field';
const BODY_PROBLEMS = { 413: 'The body is too large', 415: 'The body is of another media type' };

export const refusal = (meaning: string) => ({
  description: meaning,
  content: contentOf({ 'application/problem+json': 'Problem' }),
});

const contentOf = (content: Record<string, SchemaName | z.ZodType | { text: string }>) =>
  Object.fromEntries(Object.entries(content).map(([type, of]) => [type, { schema: schemaOf(of) }]));

function schemaOf(of: SchemaName | z.ZodType | { text: string }): object {
  if (typeof of === 'string') return ref(of);
  if (!(of instanceof z.ZodType)) return { type: 'string', description: of.text };
  const known = refTo(of);
  if (!known) throw new Error('a body has a name: add it to schemas.ts');
  return known;
}

/** A parameter as its reader makes it of the text: a number, a list. Where that is nothing of JSON, as text. */
function described(schema: z.ZodType): { description: string; schema: object } {
  const as = (io: 'input' | 'output') =>
    named(z.toJSONSchema(schema, { io, unrepresentable: 'any', override: sayMore }), {
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
