import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { isStorageFault, type Logger } from '#libs/platform';
import { problemOfHttp, sendProblem } from './http.js';
import { idsOf } from './request-trace.js';

/** What many clients may get at once, and the service says once by itself. */
const SAID_ELSEWHERE = ['not-ready', 'streams-full', 'too-many-connections'];

/** Every error of a request becomes a problem; unexpected ones are logged. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const problem = problemOfHttp(error);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    // Of a disk that is full or read-only the stack says nothing.
    if (isStorageFault(error) || problem.code === 'store-full')
      this.log.warn(
        { code: problem.code, reason: (error as Error).message, ...idsOf(reply.request) },
        'request failed',
      );
    else if (problem.status >= 500 && problem.status !== 504 && !SAID_ELSEWHERE.includes(problem.code))
      this.log.error({ err: error, code: problem.code, ...idsOf(reply.request) }, 'request failed');
    if (reply.raw.headersSent) reply.raw.destroy();
    else sendProblem(reply, problem);
  }
}
