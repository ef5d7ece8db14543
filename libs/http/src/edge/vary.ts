import type { FastifyReply } from 'fastify';

/** Adds a header of the request that the answer depends on to `Vary`. */
export function varyBy(reply: FastifyReply, header: string): void {
  const before = reply.getHeader('vary');
  void reply.header('vary', before === undefined ? header : `${before as string}, ${header}`);
}
