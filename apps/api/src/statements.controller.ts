import { Body, Controller, Delete, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { correctionSchema, retractionSchema, statementSchema, voidSchema } from '#libs/domain';
import { Recorder, type Receipt, type RecordOptions } from '#libs/event-store';
import { ReadModels } from '#libs/read-models';
import { Problem } from '#libs/platform';
import { traceparentOf } from '#libs/wire';
import { CorrectStatement, EraseQuote, MarkStatement, RecordStatements, RetractStatement } from './commands.js';
import { Describe, jsonSchema } from './describe.js';
import { NDJSON } from './forms.js';
import { ApiMetrics } from './metrics.js';
import { recordLines } from './ndjson.js';
import { parameters, parseQuery, uuidOf } from './parameters.js';
import { receiptJson, tokenOf } from './receipts.js';
import { problemFrom, valueOf } from './refusals.js';
import { arriving, OpenStreams, streamText } from './streaming.js';
import { LOGGER, type Logger } from './tokens.js';

const ARRAY = 1000;
const statement = jsonSchema(statementSchema);

@ApiTags('writing')
@Controller('v1/statements')
export class StatementsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly recorder: Recorder,
    private readonly models: ReadModels,
    private readonly metrics: ApiMetrics,
    readonly streams: OpenStreams,
    @Inject(LOGGER) readonly log: Logger,
  ) {}

  @Post()
  @Describe({
    summary: 'Record a statement, an array of up to 1,000, or NDJSON of any length',
    query: parameters.record,
    body: { 'application/json': { anyOf: [statement, { type: 'array', items: statement, maxItems: ARRAY }] }, [NDJSON]: { type: 'string' } },
    answers: { 201: ['Recorded', 'Receipt'], 200: ['A repeat, a dry run, or an array: one result or problem for each, in order', 'Results'] },
    problems: { 409: 'The id was used for other content' },
  })
  async record(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query() query: unknown): Promise<void> {
    const { dryRun = false, results, strict = false } = parseQuery(parameters.record, query);
    const { body } = request;
    const traceparent = traceOf(request);
    const parties = { ruleset: await this.models.recentRuleset(), strict };
    const options = { dryRun, parties, traceOf: () => traceparent };
    // What is no JSON is left to its reader (http.ts).
    if (body instanceof Readable) {
      const pieces = (signal: AbortSignal) => recordLines(this.recorder, arriving(body, signal), { dryRun, parties, all: results === 'all', traceparent }, this.metrics);
      await streamText(reply, { 'content-type': NDJSON }, pieces, this, (problem) => `${JSON.stringify({ problem: problem.body() })}\n`);
      return;
    }
    if (Array.isArray(body)) await reply.status(200).send(await this.recordArray(body, options));
    else {
      const receipt = valueOf(await this.recordOne(body, options));
      await reply.status(receipt.duplicate || dryRun ? 200 : 201).send(receiptJson(receipt, dryRun));
    }
  }

  @Post(':statementId/retract')
  @Describe({
    summary: 'Take a statement of the own side back',
    params: { statementId: 'The statement' },
    query: parameters.retract,
    body: { 'application/json': retractionSchema },
    answers: { 201: ['Retracted', 'Receipt'], 200: ['It was already', 'Receipt'] },
    problems: { 404: 'No such statement' },
  })
  async retract(@Param('statementId') id: string, @Body() body: unknown, @Query() query: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { strict = false } = parseQuery(parameters.retract, query);
    const retract = new RetractStatement(uuidOf(id, 'statement-not-found'), body, await this.models.ruleset(), { strict, traceparent: traceOf(request) });
    await answer(reply, 201, valueOf(await this.commands.execute(retract)));
  }

  @Post(':id/void')
  @Describe({
    summary: 'Mark a statement, or a retraction, as an ingest mistake',
    params: { id: 'The statement or the retraction' },
    body: { 'application/json': voidSchema },
    answers: { 201: ['Voided; or it was already, and these remarks are new', 'Receipt'], 200: ['It was already', 'Receipt'] },
    problems: { 404: 'No such statement' },
  })
  async void(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await answer(reply, 201, valueOf(await this.commands.execute(new MarkStatement(uuidOf(id, 'statement-not-found'), true, body ?? {}, traceOf(request)))));
  }

  @Post(':statementId/correct')
  @Describe({
    summary: 'Record the right statement in place of an ingest mistake, which is voided',
    params: { statementId: 'The statement that is wrong' },
    query: parameters.retract,
    body: { 'application/json': correctionSchema },
    answers: { 201: ['Corrected', 'Receipt'], 200: ['It was already', 'Receipt'] },
    problems: { 404: 'No such statement', 409: 'It is corrected or retracted already, or the id of the new statement is taken' },
  })
  async correct(@Param('statementId') id: string, @Body() body: unknown, @Query() query: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { strict = false } = parseQuery(parameters.retract, query);
    const correct = new CorrectStatement(uuidOf(id, 'statement-not-found'), body ?? {}, await this.models.ruleset(), { strict, traceparent: traceOf(request) });
    await answer(reply, 201, valueOf(await this.commands.execute(correct)));
  }

  @Delete(':id/void')
  @Describe({
    summary: 'Reinstate what was voided by mistake',
    params: { id: 'The statement or the retraction' },
    query: parameters.remarks,
    answers: { 200: ['Reinstated', 'Receipt'] },
    problems: { 404: 'No such statement', 409: 'It was never voided, and the remarks would be lost' },
  })
  async reinstate(@Param('id') id: string, @Body() body: unknown, @Query() query: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const remarks = body ?? parseQuery(parameters.remarks, query);
    await answer(reply, 200, valueOf(await this.commands.execute(new MarkStatement(uuidOf(id, 'statement-not-found'), false, remarks, traceOf(request)))));
  }

  @Delete(':id/quote')
  @Describe({
    summary: 'Erase the quoted text; the event stays',
    params: { id: 'The statement or the retraction' },
    query: parameters.remarks,
    answers: { 200: ['Erased', 'Receipt'] },
    problems: { 404: 'No such statement', 409: 'It has no quote any more, and the remarks would be lost' },
  })
  async eraseQuote(@Param('id') id: string, @Body() body: unknown, @Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const remarks = body ?? parseQuery(parameters.remarks, query);
    await answer(reply, 200, valueOf(await this.commands.execute(new EraseQuote(uuidOf(id, 'statement-not-found'), remarks))));
  }

  private async recordOne(input: unknown, options: RecordOptions) {
    const [outcome] = await this.commands.execute(new RecordStatements([input], options));
    if (!outcome!.ok) this.metrics.refused(outcome!.refusal.code);
    return outcome!;
  }

  private async recordArray(inputs: unknown[], options: RecordOptions): Promise<object> {
    if (inputs.length > ARRAY) throw new Problem(422, 'statement-invalid', `an array holds at most ${ARRAY} statements; send NDJSON for more`, [{ pointer: '', detail: `has ${inputs.length} items` }]);
    const { dryRun } = options;
    const outcomes = await this.commands.execute(new RecordStatements(inputs, options));
    for (const outcome of outcomes) if (!outcome.ok) this.metrics.refused(outcome.refusal.code);
    return {
      results: outcomes.map((outcome) => (outcome.ok ? receiptJson(outcome.value, dryRun) : problemFrom(outcome.refusal).body())),
      token: dryRun ? '' : tokenOf(outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []))),
    };
  }
}

/** 200 where nothing was changed, else the status given. */
async function answer(reply: FastifyReply, status: number, receipt: Receipt): Promise<void> {
  await reply.status(receipt.duplicate ? 200 : status).send(receiptJson(receipt));
}

/** The trace that a request is part of. */
const traceOf = ({ headers }: FastifyRequest) => traceparentOf(headers.traceparent?.toString());
