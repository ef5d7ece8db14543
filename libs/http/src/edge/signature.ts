import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { signatureOf } from '#libs/access';

/** The signature of a request's caller; undefined where anyone may send. */
export const signatureOfRequest = ({ caller }: FastifyRequest): string | undefined => signatureOf(caller);

/** Who sends a request: `by` of the events that it makes (`signatureOfRequest`). */
export const Signature = createParamDecorator((_, context: ExecutionContext) =>
  signatureOfRequest(context.switchToHttp().getRequest<FastifyRequest>()),
);
