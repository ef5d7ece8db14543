import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from './problems.js';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.js';

/** A client has this long to take the last answer and to close, in milliseconds. */
const LINGER_MS = 2000;

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
    case 'HPE_INVALID_URL':
      return new Problem(
        400,
        'request-malformed',
        'the address has a character that must be percent-encoded, as letters beyond ASCII and blanks must; ' +
          'curl -G --data-urlencode does it',
      );
    case 'HPE_HEADER_OVERFLOW':
      return new Problem(431, 'headers-too-large', 'the headers of the request are too large');
    default:
      return new Problem(400, 'request-malformed', 'the request is not HTTP/1.1');
  }
}
