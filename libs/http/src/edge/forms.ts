import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { Problem } from '#libs/platform';
import { AddRouteConfig } from './route-config.js';
import { varyBy } from './vary.js';

export const JSON_TYPE = 'application/json';
export const NDJSON = 'application/x-ndjson';
export const GEOJSON = 'application/geo+json';
export const CSV = 'text/csv';
export const TEXT = 'text/plain';
export const EVENT_STREAM = 'text/event-stream';

declare module 'fastify' {
  interface FastifyRequest {
    /** The media type that the answer is to have. */
    form: string;
  }
  interface FastifyContextConfig {
    forms?: readonly string[];
    /** The media types of bodies that the route takes (default: JSON). */
    takes?: readonly string[];
  }
}

/** The media types that a GET can answer, the usual one first. One that names none answers JSON. */
export const Forms = (...forms: string[]): MethodDecorator => AddRouteConfig({ forms });

/** The media type to answer, of those that `Forms` names. */
export const Form = createParamDecorator(
  (_data: unknown, context: ExecutionContext): string =>
    context.switchToHttp().getRequest<FastifyRequest>().form,
);

/** Chooses the media type of each answer by `Accept`, before any work is done. Routes for operation ignore `Accept`. */
export function negotiateForms(fastify: FastifyInstance): void {
  fastify.decorateRequest('form', '');
  fastify.addHook('onRoute', (route) => {
    if (route.method !== 'GET' && route.method !== 'HEAD') return;
    const forms = route.config?.forms ?? (route.url.startsWith('/v1/') ? [JSON_TYPE] : undefined);
    if (!forms) return;
    route.onRequest = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => {
      const form = chosen(request.headers.accept, forms);
      if (form === undefined) return done(notAcceptable(forms));
      request.form = form;
      if (forms.length > 1) varyBy(reply, 'accept');
      done();
    };
  });
}

export const notAcceptable = (forms: readonly string[]): Problem =>
  new Problem(
    406,
    'not-acceptable',
    `Accept names no media type that is available here: ${forms.join(', ')}`,
  );

/** Parameters of a media range other than its weight: our media types have none that distinguish them. */
const PARAMETER = /;\s*(?!q\s*=)[^\s=;,"]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*)/gi;

/** The media type that Accept prefers, the first of several equal ones. An Accept without any media range is ignored. */
function chosen(accept: string | undefined, forms: readonly string[]): string | undefined {
  if (accept === undefined || accept === '*/*' || accept === forms[0] || !accept.includes('/'))
    return forms[0];
  return new Negotiator({ headers: { accept: accept.replaceAll(PARAMETER, '') } }).mediaTypes([...forms])[0];
}
