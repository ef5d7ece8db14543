import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import type { SchemaName } from './schemas.js';

interface Description {
  summary: string;
  query?: z.ZodObject;
  params?: Record<string, string>;
  /** Media type to schema. */
  body?: Record<string, z.ZodType | object>;
  bodyOptional?: boolean;
  /** Status to what it means and, for JSON, which schema. */
  answers: Record<number, [string, SchemaName?] | [string, SchemaName, string]>;
  /** Problem statuses that it may answer with besides those of every request. */
  problems?: Record<number, string>;
  /** Whether an answer names the same question for good. */
  bookmark?: boolean;
}

/** Describes a request for /openapi.json by the very schemas that check it. */
export function Describe({ summary, query, params = {}, body, bodyOptional, answers, problems = {}, bookmark }: Description): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary, ...(body && { requestBody: { required: !bodyOptional, content: contentOf(body) } }) }),
    ...Object.entries(params).map(([name, description]) => ApiParam({ name, description, schema: { type: 'string' } })),
    ...Object.entries(query?.shape ?? {}).map(([name, schema]) => queryParameter(name, schema as z.ZodType)),
    ...Object.entries(answers).map(([status, [description, schema, type = 'application/json']]) =>
      ApiResponse({ status: Number(status), description, ...(bookmark && { headers: BOOKMARK }), ...(schema && { content: { [type]: { schema: ref(schema) } } }) }),
    ),
    ...Object.entries({ ...(body && BODY_PROBLEMS), 422: 'What came in is wrong; `errors` names every field', 503: 'The database is away; try again', ...problems }).map(([status, description]) =>
      ApiResponse({ status: Number(status), description, content: { 'application/problem+json': { schema: ref('Problem') } } }),
    ),
  );
}

const BOOKMARK = {
  Link: { description: '`<...>; rel="bookmark"`: the same question with asOf, knownAt and ruleset fixed, relative to what was asked for; it is answered the same for good', schema: { type: 'string' } },
};

const BODY_PROBLEMS = { 400: 'The body is not JSON', 413: 'The body is too large', 415: 'The body is of another media type' };

const ref = (name: SchemaName) => ({ $ref: `#/components/schemas/${name}` });

export function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', target: 'draft-2020-12' });
  return rest;
}

function queryParameter(name: string, schema: z.ZodType): MethodDecorator {
  const { description, ...rest } = jsonSchema(schema) as { description?: string };
  return ApiQuery({ name, required: !schema.safeParse(undefined).success, ...(description && { description }), schema: rest });
}

const contentOf = (body: Record<string, z.ZodType | object>) =>
  Object.fromEntries(Object.entries(body).map(([type, schema]) => [type, { schema: schema instanceof z.ZodType ? jsonSchema(schema) : schema }]));
