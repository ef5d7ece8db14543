import { Body, Controller, Delete, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import {
  correctionSchema,
  retractionSchema,
  signedVoidSchema,
  statementSchema,
  type Result,
} from '#libs/domain';
import {
  COMMANDS,
  CorrectStatement,
  EraseQuote,
  RecordStatements,
  RetractStatement,
  SetStatementVoided,
  type Command,
  type CommandExecutor,
  type RecordOptions,
} from '#libs/commands';
import { EventStore, type Receipt } from '#libs/log';
import { LOGGER, type Logger, Problem } from '#libs/platform';
import { Describe } from '../openapi/describe.js';
import { JSON_TYPE, NDJSON } from '../edge/forms.js';
import { ApiMetrics } from '../edge/metrics.js';
import { afterBody, isProxied } from '../edge/proxied.js';
import { recordLines } from './ndjson.js';
import { parameters, parseQuery, path, type Parsed } from '../parameters.js';
import { Answer, jsonOfList } from '../edge/answer.js';
import { by, uuidOr } from '../edge/schema.pipe.js';
import { Signature } from '../edge/signature.js';
import { Remarks, Traceparent } from './command-parameters.js';
import { receiptJson, receiptToken } from './receipts.js';
import { problemFrom, valueOf } from '../edge/refusals.js';
import { bodyWithTimeout, OpenStreams, streamText } from '../edge/streaming.js';
import { MAX_STATEMENTS, statementsSchema } from '../openapi/schemas.js';

const statementId = uuidOr('statement-not-found');

@ApiTags('writing')
@Controller('v1/statements')
export class StatementsController {
  constructor(
    @Inject(COMMANDS) private readonly commands: CommandExecutor,
    private readonly metrics: ApiMetrics,
    private readonly store: EventStore,
    readonly streams: OpenStreams,
    @Inject(LOGGER) readonly log: Logger,
  ) {}

  /** A body of NDJSON that brings nothing for this long is given up. */
  bodyIdleMs = 60_000;

  @Post()
  @Describe({
    id: 'recordStatement',
    summary: 'Record a statement, or NDJSON of any length',
    description:
      "A statement that was recorded already answers 200 with the original's values and `duplicate: true`. " +
      'An array is accepted too, and answered with a BatchReceipt as by `/v1/statements/batch`, which generated clients ' +
      'should use: here the schemas name a single statement and its Receipt.\n\n' +
      'NDJSON answers 200 with NDJSON: a line `{line, problem}` for each refused statement (after 1,000 they are only ' +
      'counted), a line `{progress}` every 10,000, and at the end a line `{token, recorded, duplicates, refused}`. ' +
      'With `results=all` it answers a receipt or a problem for each statement, with its `line`. Behind a proxy ' +
      '(`Forwarded`, `X-Forwarded-For` or `Via`) the answer begins after the body.',
    query: parameters.record,
    body: { 'application/json': statementSchema, [NDJSON]: { text: 'A StatementInput a line' } },
    answers: {
      201: ['Recorded', 'Receipt'],
      200: [
        'It was recorded already, or a dry run; or the results of NDJSON',
        { 'application/json': 'Receipt', [NDJSON]: { text: 'A JSON object a line' } },
      ],
    },
    problems: { 409: 'The id was used for other content' },
  })
  async record(
    @Body() body: unknown,
    @Traceparent() traceparent: string | undefined,
    @Signature() signature: string | undefined,
    @Res() reply: FastifyReply,
    @Query() query: unknown,
  ): Promise<void> {
    const { dryRun = false, results, strict = false } = parseQuery(parameters.record, query);
    const unknownParties = partiesIf(strict);
    const options = { dryRun, unknownParties, traceOf: () => traceparent, signatureOf: () => signature };
    // NDJSON is left to its own reader (http.ts).
    if (body instanceof Readable) {
      const proxied = isProxied(reply.request.headers);
      const pieces = (signal: AbortSignal) => {
        const lines = recordLines(
          this.commands,
          bodyWithTimeout(body, signal, this.bodyIdleMs),
          { dryRun, unknownParties, all: results === 'all', traceparent, signature, log: this.store },
          this.metrics,
        );
        return proxied ? afterBody(lines, body) : lines;
      };
      await streamText(
        reply,
        { 'content-type': NDJSON },
        pieces,
        { streams: this.streams, log: this.log, flush: !proxied },
        (problem) => `${JSON.stringify({ problem: problem.body() })}\n`,
      );
      return;
    }
    if (Array.isArray(body)) await (await this.recordArray(body, options)).send(reply.status(200));
    else {
      const [outcome] = await this.commands.execute(new RecordStatements([body], options));
      if (!outcome!.ok) this.metrics.refused(outcome!.refusal.code);
      const receipt = valueOf(outcome!);
      await reply
        .status(receipt.duplicate || dryRun ? 200 : 201)
        .send(receiptJson(receipt, this.store.epochs, dryRun));
    }
  }

  @Post('batch')
  @HttpCode(200)
  @Describe({
    id: 'recordStatements',
    summary: 'Record up to 1,000 statements',
    description: 'Each is recorded or refused on its own.',
    query: parameters.batch,
    body: { 'application/json': statementsSchema },
    answers: { 200: ['A receipt or a problem for each, in order', 'BatchReceipt'] },
  })
  async recordBatch(
    @Body() body: unknown,
    @Traceparent() traceparent: string | undefined,
    @Signature() signature: string | undefined,
    @Query(by(parameters.batch)) { dryRun = false, strict = false }: Parsed<'batch'>,
  ): Promise<Answer> {
    if (!Array.isArray(body))
      throw new Problem(422, 'statement-invalid', 'the body must be an array of statements', [
        { pointer: '', detail: 'must be an array' },
      ]);
    return this.recordArray(body, {
      dryRun,
      unknownParties: partiesIf(strict),
      traceOf: () => traceparent,
      signatureOf: () => signature,
    });
  }

  @Post(':statementId/retract')
  @Describe({
    id: 'retractStatement',
    summary: 'Retract a statement of your own side',
    params: { statementId: path.statement },
    query: parameters.retract,
    body: { 'application/json': retractionSchema },
    answers: { 201: ['Retracted', 'Receipt'], 200: ['It was already', 'Receipt'] },
    problems: { 404: 'No such statement', 409: 'The id was used for other content' },
  })
  retract(
    @Body() body: unknown,
    @Traceparent() traceparent: string | undefined,
    @Signature() signature: string | undefined,
    @Param('statementId', statementId) id: string,
    @Query(by(parameters.retract)) { strict = false }: Parsed<'retract'>,
  ): Promise<Answer> {
    return this.change(201, new RetractStatement(id, body, { strict, traceparent, signature }));
  }

  @Post(':id/void')
  @Describe({
    id: 'voidStatement',
    summary: 'Void a statement or a retraction that is an ingest mistake',
    params: { id: path.statementOrRetraction },
    body: { 'application/json': signedVoidSchema },
    answers: {
      201: ['Voided; or voided already, and these remarks are new', 'Receipt'],
      200: ['It was already', 'Receipt'],
    },
    problems: { 404: 'No such statement' },
  })
  void(
    @Body() body: unknown,
    @Traceparent() traceparent: string | undefined,
    @Signature() signature: string | undefined,
    @Param('id', statementId) id: string,
  ): Promise<Answer> {
    return this.change(201, new SetStatementVoided(id, true, body ?? {}, { traceparent, signature }));
  }

  @Post(':statementId/correct')
  @Describe({
    id: 'correctStatement',
    summary: 'Correct an ingest mistake: record the right statement and void the wrong one',
    params: { statementId: path.statement },
    query: parameters.retract,
    body: { 'application/json': correctionSchema },
    answers: { 201: ['Corrected', 'Receipt'], 200: ['It was already', 'Receipt'] },
    problems: {
      404: 'No such statement',
      409: 'It was corrected or retracted already, the id of the new statement is taken, or a repeat has other remarks',
    },
  })
  correct(
    @Body() body: unknown,
    @Traceparent() traceparent: string | undefined,
    @Signature() signature: string | undefined,
    @Param('statementId', statementId) id: string,
    @Query(by(parameters.retract)) { strict = false }: Parsed<'retract'>,
  ): Promise<Answer> {
    return this.change(201, new CorrectStatement(id, body ?? {}, { strict, traceparent, signature }));
  }

  @Delete(':id/void')
  @Describe({
    id: 'reinstateStatement',
    summary: 'Reinstate a statement or a retraction that was voided by mistake',
    params: { id: path.statementOrRetraction },
    query: parameters.remarks,
    answers: { 200: ['Reinstated', 'Receipt'] },
    problems: { 404: 'No such statement' },
  })
  reinstate(
    @Traceparent() traceparent: string | undefined,
    @Signature() signature: string | undefined,
    @Param('id', statementId) id: string,
    @Remarks() remarks: unknown,
  ): Promise<Answer> {
    return this.change(200, new SetStatementVoided(id, false, remarks, { traceparent, signature }));
  }

  @Delete(':id/quote')
  @Describe({
    id: 'eraseQuote',
    summary: 'Erase the quoted text; the event stays',
    params: { id: path.statementOrRetraction },
    query: parameters.remarks,
    answers: { 200: ['Erased', 'Receipt'] },
    problems: { 404: 'No such statement' },
  })
  eraseQuote(
    @Signature() signature: string | undefined,
    @Param('id', statementId) id: string,
    @Remarks() remarks: unknown,
  ): Promise<Answer> {
    return this.change(200, new EraseQuote(id, remarks, { signature }));
  }

  /** 200 where nothing was changed, else the status given. */
  private async change(status: number, command: Command<Result<Receipt>>): Promise<Answer> {
    const receipt = valueOf(await this.commands.execute(command));
    return new Answer(receiptJson(receipt, this.store.epochs), { status: receipt.duplicate ? 200 : status });
  }

  private async recordArray(inputs: unknown[], options: RecordOptions): Promise<Answer> {
    if (inputs.length > MAX_STATEMENTS)
      throw new Problem(
        422,
        'statement-invalid',
        `an array holds at most ${MAX_STATEMENTS} statements; send NDJSON for more`,
        [{ pointer: '', detail: `has ${inputs.length} items` }],
      );
    const { dryRun } = options;
    const outcomes = await this.commands.execute(new RecordStatements(inputs, options));
    const { epochs } = this.store;
    for (const outcome of outcomes) if (!outcome.ok) this.metrics.refused(outcome.refusal.code);
    const results = await jsonOfList(outcomes, (outcome) =>
      outcome.ok ? receiptJson(outcome.value, epochs, dryRun) : problemFrom(outcome.refusal).body(),
    );
    const placed = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
    const token = dryRun ? '' : receiptToken(placed, epochs);
    return new Answer(`{"results":${results},"token":${JSON.stringify(token)}}`, { type: JSON_TYPE });
  }
}

const partiesIf = (strict: boolean): RecordOptions['unknownParties'] => (strict ? 'refuse' : 'name');
