import type { FastifyReply } from 'fastify';

/** Says that an answer depends on a header of the request, beside those that it was said of before. */
export function varyBy(reply: FastifyReply, header: string): void {
  const before = reply.getHeader('vary');
  void reply.header('vary', before === undefined ? header : `${before as string}, ${header}`);
}
