import type { FastifyReply } from 'fastify';
import { TimeSlice } from '#libs/concurrency';

interface AnswerOptions {
  /** The status, if it is not that of the route. */
  status?: number | undefined;
  /** The media type of a text; an object is JSON. */
  type?: string | undefined;
  headers?: Record<string, string> | undefined;
}

/**
 * An answer with a status, a media type or headers of its own. A method of a controller returns it, and the adapter writes
 * it, so that only streams need `@Res()`. A text or a Buffer is sent as it is: JSON that is ready needs the type
 * `application/json`. A Buffer must not change: it is packed once.
 */
export class Answer {
  constructor(
    private readonly body?: object | string,
    private readonly options: AnswerOptions = {},
  ) {}

  send(reply: FastifyReply): FastifyReply {
    const { status, type, headers } = this.options;
    if (status !== undefined) void reply.status(status);
    if (type !== undefined) void reply.type(type);
    if (headers !== undefined) void reply.headers(headers);
    return reply.send(this.body);
  }
}

/** A list as JSON. Long ones are megabytes: other requests are answered while it is written. @param of what each is shown as */
export async function jsonOfList<T>(items: Iterable<T>, of: (item: T) => object): Promise<string> {
  const texts: string[] = [];
  const slice = new TimeSlice();
  for (const item of items) {
    texts.push(JSON.stringify(of(item)));
    if (slice.isOver()) await slice.rest();
  }
  return `[${texts.join()}]`;
}
