import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Problem, REQUEST_ID_HEADER, requestIdOf } from '#libs/platform';

/** A client has this long to take the last answer and to close, in milliseconds. */
const LINGER_MS = 2000;
/** What still comes in of a body that is not wanted is thrown away for this long, so that its sender reads the answer. */
const MAX_DRAIN_MS = 30_000;

type Client = Socket & { _httpMessage?: ServerResponse | null };

/** Answers what is not HTTP, or comes too slowly, and closes the connection whatever the client does. */
export function refuseConnection(error: NodeJS.ErrnoException, client: Socket): void {
  // More of what was refused already.
  if (client.writableEnded) return;
  const answer = (client as Client)._httpMessage;
  // An answer under way is cut off; one that is whole comes first.
  const isUnderWay = answer?.headersSent && !answer.writableEnded;
  if (!client.writable || isUnderWay || error.code === 'ECONNRESET') return void client.destroy();
  const requestId = requestIdOf({ headers: {} });
  const problem = problemOfConnection(error).inAnswerTo({ requestId });
  client.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nConnection: close\r\n` +
      `${REQUEST_ID_HEADER}: ${requestId}\r\nContent-Type: application/problem+json\r\n\r\n${JSON.stringify(problem.body())}`,
  );
  const timer = setTimeout(() => client.destroy(), LINGER_MS).unref();
  client.once('close', () => clearTimeout(timer));
}

function problemOfConnection({ code }: NodeJS.ErrnoException): Problem {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem(408, 'request-too-slow', 'the headers of the request did not come in time');
    case 'HPE_HEADER_OVERFLOW':
      return new Problem(431, 'headers-too-large', 'the headers of the request are too large');
    default:
      return new Problem(400, 'request-malformed', 'the request is not HTTP/1.1');
  }
}

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
