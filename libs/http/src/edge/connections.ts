import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Problem, type Logger } from '#libs/platform';

/** File descriptors kept for the database, the broker, files and the runtime. */
const RESERVE = 128;
/** Connections above the bound that are accepted to be told so. */
const ABOVE = 32;
/** One of these that asks for nothing is closed after this time, in milliseconds. */
const ABOVE_IDLE_MS = 2000;
const LEAST = 16;
const LIMITS = '/proc/self/limits';

/** How many files this process may have open; undefined where the system does not say. */
export function maxOpenFiles(file = LIMITS): number | undefined {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

/** How many connections leave the reserve for everything else. */
export const mostConnections = (openFiles: number): number => Math.max(LEAST, openFiles - RESERVE - ABOVE);

/**
 * Bounds the connections of the server, so that it does not run out of file descriptors. Where it is full, connections without a
 * request are closed, and new ones are answered 503 and closed; beyond those the server closes them at once.
 * @param most undefined: no bound
 */
export function boundConnections(
  fastify: FastifyInstance,
  log: Logger,
  most = ((files) => files && mostConnections(files))(maxOpenFiles()),
): void {
  if (most === undefined) return;
  const { server } = fastify;
  const above = new WeakSet<Socket>();
  let open = 0;
  let isFull = false;
  server.maxConnections = most + ABOVE;
  const full = () => {
    if (!isFull) log.warn({ most }, 'all connections are in use: new ones are answered 503');
    isFull = true;
    server.closeIdleConnections();
  };
  server.on('drop', full);
  server.on('connection', (socket: Socket) => {
    open++;
    socket.once('close', () => {
      open--;
      if (isFull && open < most / 2) {
        isFull = false;
        log.info({ open }, 'connections are free again');
      }
    });
    if (open <= most) return;
    above.add(socket);
    const timer = setTimeout(() => socket.destroy(), ABOVE_IDLE_MS).unref();
    socket.once('close', () => clearTimeout(timer));
    full();
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!above.has(request.raw.socket)) return done();
    void reply.header('connection', 'close');
    // An overloaded service is alive: it must not be restarted for it.
    if (request.routeOptions.url === '/healthz') return done();
    done(new Problem(503, 'too-many-connections', 'all connections are in use; try again'));
  });
}
