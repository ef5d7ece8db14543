import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { signatureOf, type Caller } from '#libs/access';

/** The signature of a request's caller; undefined where anyone may send. */
export function signatureOfRequest(request: FastifyRequest): string | undefined {
  const { caller } = request as { caller?: Caller };
  return caller && signatureOf(caller);
}

/** Who sends a request: `by` of the events that it makes (`signatureOfRequest`). */
export const Signature = createParamDecorator((_, context: ExecutionContext) =>
  signatureOfRequest(context.switchToHttp().getRequest<FastifyRequest>()),
);
