import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { isStorageFault, type Logger } from '#libs/platform';
import { problemOfHttp, sendProblem } from './http.js';

/** Every error of a request becomes a problem; unexpected ones are logged. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const problem = problemOfHttp(error);
    // Readiness logs its own changes. Of a disk that is full or read-only the stack says nothing.
    if (isStorageFault(error) || problem.code === 'store-full')
      this.log.warn({ code: problem.code, reason: (error as Error).message }, 'request failed');
    else if (problem.status >= 500 && problem.status !== 504 && problem.code !== 'not-ready')
      this.log.error({ err: error, code: problem.code }, 'request failed');
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.raw.headersSent) reply.raw.destroy();
    else sendProblem(reply, problem);
  }
}
