import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

// Below the ports that systems hand out for outgoing connections: a client that keeps knocking on the port of a broker
// that was killed could be given that very port, and the broker could not come back.
const LOWEST = 10_000;
const HIGHEST = 32_000;

const given = new Set<number>();

/** A port of 127.0.0.1 that nobody listens on, another one each time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

/** Whether nobody listens on the port, or stops to within `timeoutMs`. */
export async function becomesFree(port: number, timeoutMs: number): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; !(await isFree(port));) {
    if (Date.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      ['EADDRINUSE', 'EACCES'].includes(error.code ?? '') ? done(false) : reject(error),
    );
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => done(true)));
  });
}
