import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { traceparentOfRequest } from '../edge/request-trace.js';
import { parameters, parseQuery } from '../parameters.js';

const requestOf = (context: ExecutionContext) => context.switchToHttp().getRequest<FastifyRequest>();

/** The trace that a request is part of (W3C Trace Context); undefined where it names none and is not traced. */
export const Traceparent = createParamDecorator((_, context: ExecutionContext) =>
  traceparentOfRequest(requestOf(context)),
);

/**
 * `by` and `reason` of a command without content: the body as it came, or else the query.
 * @throws Problem 422 `query-invalid`
 */
export const Remarks = createParamDecorator((_, context: ExecutionContext): unknown => {
  const { body, query } = requestOf(context);
  return body ?? parseQuery(parameters.remarks, query);
});
