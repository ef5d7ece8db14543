import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Logger } from '#libs/platform';
import { problemOfHttp, sendProblem } from './http.js';

/** What many clients may get at once, and the service says once by itself. */
const SAID_ELSEWHERE = ['too-many-connections', 'streams-full'];

/** Every error of a request becomes a problem; unexpected ones are logged. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const problem = problemOfHttp(error);
    if (problem.status >= 500 && problem.status !== 504 && !SAID_ELSEWHERE.includes(problem.code))
      this.log.error({ err: error, code: problem.code }, 'request failed');
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.raw.headersSent) reply.raw.destroy();
    else sendProblem(reply, problem);
  }
}
