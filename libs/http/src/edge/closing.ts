import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** How long nothing may come before a connection is closed, in milliseconds. */
const LINGER_MS = 2000;
/** What still comes in of a body that is not wanted is thrown away for this long, so that its sender reads the answer. */
const MAX_DRAIN_MS = 30_000;

/** Closes connections on which a body does not come that nobody waits for, because the request was answered without it. */
export function closeUnread(fastify: FastifyInstance, lingerMs = LINGER_MS): void {
  fastify.addHook('onResponse', ({ raw }, _reply, done) => {
    if (!raw.complete && !raw.socket.destroyed) drain(raw, lingerMs);
    done();
  });
}

function drain(request: IncomingMessage, lingerMs: number): void {
  const { socket } = request;
  const end = performance.now() + MAX_DRAIN_MS;
  let seen = socket.bytesRead;
  const timer = setInterval(() => {
    const isComing = seen !== socket.bytesRead && performance.now() < end;
    seen = socket.bytesRead;
    if (isComing && !request.complete && !socket.destroyed) return;
    clearInterval(timer);
    if (!request.complete) request.destroy();
  }, lingerMs).unref();
}
