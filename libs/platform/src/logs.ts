import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';
import { LinesOfTurn } from './lines-of-turn.js';
import { withoutSecrets } from './secrets.js';
import type { LogLevel } from './settings.js';

export type { Logger } from 'pino';

/**
 * A logger that writes one JSON object a line.
 * @param level the least severe level that is written
 * @param to standard output; `stderr` for commands whose standard output is their result; or any stream
 */
export function createLogger(
  level: LogLevel,
  to: 'stdout' | 'stderr' | DestinationStream = 'stdout',
): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: isoTime,
      serializers: { err: errorFields },
      hooks: { streamWrite: withoutSecrets },
    },
    typeof to === 'string' ? fileDestination(to === 'stdout' ? 1 : 2) : to,
  );
}

/** Lines that cannot be written wait, up to this length; later ones are lost. */
const MAX_WAITING_LENGTH = 1_000_000;

const destinations = new Map<number, DestinationStream>();

/** One for each descriptor: its loggers share the lines that wait. */
function fileDestination(fd: number): DestinationStream {
  const before = destinations.get(fd);
  if (before) return before;
  // Written synchronously, so that the last line of a dying process, its reason, is not lost.
  const destination = pino.destination({ dest: fd, sync: true, maxLength: MAX_WAITING_LENGTH });
  // A log on a full disk must not end the process.
  destination.on('error', () => {});
  const lines = new LinesOfTurn(destination);
  process.on('exit', () => lines.flush());
  destinations.set(fd, lines);
  return lines;
}

let lastMs = 0;
let lastTime = '';

/** The time of a line, as pino's `isoTime`, but made once for all lines of a millisecond. */
function isoTime(): string {
  const now = Date.now();
  if (now !== lastMs) lastTime = `,"time":"${new Date(now).toISOString()}"`;
  lastMs = now;
  return lastTime;
}

/** The fields of an error. The pool of pg adds the client, with all its settings, to that of a lost connection. */
function errorFields(error: Error): unknown {
  const fields: unknown = pino.stdSerializers.err(error);
  if (typeof fields !== 'object' || fields === null) return fields;
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'client'));
}

/** Lets Nest log through the same logger: `NestFactory.create(..., { logger: new NestLogs(logger) })`. */
export class NestLogs implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  // Nest passes the context last, and for errors the stack before it.
  private write(level: Exclude<LogLevel, 'silent'>, message: unknown, rest: unknown[]): void {
    const context = rest.at(-1);
    // Nest logs an error of the start, and throws it too: it is reported once, by the caller.
    if (context === 'ExceptionHandler') return;
    const details = rest.slice(0, -1).filter((detail) => detail !== undefined);
    const fields = {
      ...(context === undefined ? {} : { context }),
      ...(details.length === 0 ? {} : level === 'error' ? { stack: details[0] } : { details }),
    };
    if (message instanceof Error) this.logger[level]({ ...fields, err: message }, message.message);
    else if (typeof message === 'string') this.logger[level](fields, message);
    else this.logger[level]({ ...fields, value: message });
  }
}
