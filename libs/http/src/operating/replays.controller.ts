import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { parseToken, refuse } from '#libs/domain';
import { EventStore } from '#libs/log';
import {
  estimatedEnd,
  cancelJob,
  readReplayRequest,
  startJob,
  type Job,
  replayRequestSchema,
  Jobs,
  type RequestNeeds,
} from '#libs/jobs';
import { Describe } from '../openapi/describe.js';
import { parameters, type Parsed, path } from '../parameters.js';
import { pageOf, valueOf } from '../edge/refusals.js';
import { by, uuidOr } from '../edge/schema.pipe.js';
import { Signature } from '../edge/signature.js';
import { REQUEST_NEEDS } from '#modules/jobs';

const params = { id: path.replay };
const replayId = uuidOr('replay-not-found');

/** Runs of replays: requested here, executed by another process. */
@ApiTags('replays')
@Controller('v1/replays')
export class ReplaysController {
  constructor(
    private readonly jobs: Jobs,
    private readonly store: EventStore,
    @Inject(REQUEST_NEEDS) private readonly needs: RequestNeeds,
  ) {}

  @Post()
  @HttpCode(202)
  @Describe({
    id: 'startReplay',
    summary: 'Start a rebuild or a replay',
    body: { 'application/json': replayRequestSchema },
    answers: { 202: ['It waits to be started', 'Replay'] },
    problems: { 429: 'Too many runs are open' },
  })
  async create(@Body() body: unknown, @Signature() signature: string | undefined): Promise<object> {
    const asked = valueOf(await readReplayRequest(body, this.needs));
    return shown(
      (await startJob(this.jobs, this.store, asked, signature)) ??
        valueOf(
          refuse('replays-full', 'a hundred runs are open: wait until some have ended, or cancel them'),
        ),
    );
  }

  @Get()
  @Describe({
    id: 'listReplays',
    summary: 'Rebuilds and replays, newest first',
    query: parameters.replays,
    answers: { 200: ['A page', 'Replays'] },
  })
  async list(@Query(by(parameters.replays)) page: Parsed<'replays'>): Promise<object> {
    const { items, nextCursor } = pageOf(await this.jobs.list(page));
    return { items: items.map(shown), nextCursor };
  }

  @Get(':id')
  @Describe({
    id: 'getReplay',
    summary: 'One run: its state and progress',
    params,
    query: parameters.none,
    answers: { 200: ['The run', 'Replay'] },
    problems: { 404: 'No such run' },
  })
  async find(@Param('id', replayId) id: string, @Query(by(parameters.none)) _none: object): Promise<object> {
    return shown((await this.jobs.find(id)) ?? notFound(id));
  }

  @Delete(':id')
  @HttpCode(202)
  @Describe({
    id: 'cancelReplay',
    summary: 'Cancel a run; it ends within about a second',
    params,
    answers: { 202: ['It is being cancelled, or is already', 'Replay'] },
    problems: { 404: 'No such run', 409: 'It has ended already' },
  })
  async cancel(
    @Param('id', replayId) id: string,
    @Signature() signature: string | undefined,
  ): Promise<object> {
    const { job, ended } = (await cancelJob(this.jobs, this.store, id, signature)) ?? notFound(id);
    return shown(
      ended && job.state !== 'cancelled'
        ? valueOf(refuse('replay-ended', `the run has ended: ${job.state}`))
        : job,
    );
  }
}

const notFound = (id: string): never => valueOf(refuse('replay-not-found', `no run has the id ${id}`));

function shown(job: Job): object {
  // The version stands for the ruleset.
  const {
    ruleset: _ruleset,
    signature: _signature,
    ...asked
  } = job.spec as { ruleset?: unknown; signature?: unknown };
  const { id, spec: _spec, attempts: _attempts, rate, cursor, cancelRequested, ...rest } = job;
  return {
    replayId: id,
    ...rest,
    // Another kind of run resumes from notes of its own.
    cursor: cursor !== null && parseToken(cursor) ? cursor : null,
    cancelRequested,
    rate: rate === null ? null : Math.round(rate),
    eta: estimatedEnd(job),
    spec: asked,
  };
}
