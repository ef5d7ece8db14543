import { once } from 'node:events';
import { request as open, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Running } from './running.js';

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  // The tests look at what comes back as a client would.
  // oxlint-disable-next-line no-explicit-any
  json: any;
}

export interface RawRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: Buffer | string;
}

/** One request as it is: unlike fetch it adds no header and unpacks nothing. */
export async function raw(
  { url }: Pick<Running, 'url'>,
  path: string,
  { method = 'GET', headers = {}, body }: RawRequest = {},
): Promise<RawAnswer> {
  const request = open(`${url}${path}`, { method, headers });
  request.end(body);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const pieces: Buffer[] = [];
  for await (const piece of answer) pieces.push(piece as Buffer);
  const whole = Buffer.concat(pieces);
  let json: unknown;
  try {
    json = JSON.parse(whole.toString());
  } catch {
    json = undefined;
  }
  return { status: answer.statusCode!, headers: answer.headers, body: whole, json };
}
