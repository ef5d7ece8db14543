import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { parseBody } from '#libs/domain';
import {
  type DeadLetter,
  DeadLetters,
  detailOf,
  LetterCollector,
  letterIdOf,
  letterOriginOf,
  stored,
} from '#libs/intake';
import { Problem } from '#libs/platform';
import { PageCursors } from '#libs/queries';
import { Describe } from '../openapi/describe.js';
import * as schemas from '../openapi/schemas/dead-letters.js';
import { pageOf, valueOf } from '../edge/refusals.js';
import { by } from '../edge/schema.pipe.js';
import { Signature } from '../edge/signature.js';
import { parameters, type Parsed, path } from '../parameters.js';

const params = { id: path.deadLetter };
const unknown = { 404: 'No such dead letter' };
const decided = { ...unknown, 409: 'It was decided on already' };

/** A retry that waits for the database is given up after this time; it can be repeated. */
const RETRY_TIMEOUT_MS = 20_000;

/** Messages of Kafka that could not be recorded, for those who decide on them. */
@ApiTags('operating')
@Controller('v1/dead-letters')
export class DeadLettersController {
  constructor(
    private readonly letters: DeadLetters,
    private readonly collector: LetterCollector,
  ) {}

  @Get()
  @Describe({
    id: 'listDeadLetters',
    summary: 'Messages of Kafka that could not be recorded, newest first',
    query: parameters.deadLetters,
    answers: { 200: ['A page', schemas.deadLetters] },
  })
  async list(
    @Query(by(parameters.deadLetters)) { limit, cursor, ...selection }: Parsed<'deadLetters'>,
  ): Promise<object> {
    const cursors = new PageCursors({ list: 'dead letters', ...selection }, ['time', 'string']);
    const key = cursor === undefined ? undefined : cursors.read(cursor);
    const origin =
      key === undefined || key === 'cursor-invalid' ? undefined : letterOriginOf(key[1] as string);
    if (key !== undefined && !origin) return pageOf('cursor-invalid');
    if (key === undefined) await this.collector.freshen();
    const before = origin && { ...origin, deadAt: key![0] as string };
    const found = await this.letters.newest(selection, before, limit + 1);
    return cursors.page(
      found,
      limit,
      (letter) => [letter.deadAt.toISOString(), letterIdOf(letter)],
      summaryOf,
    );
  }

  @Get('counts')
  @Describe({
    id: 'countDeadLetters',
    summary: 'How many dead letters there are',
    query: parameters.none,
    answers: { 200: ['The counts', schemas.deadLetterCounts] },
  })
  async counts(@Query(by(parameters.none)) _none: object): Promise<object> {
    await this.collector.freshen();
    return this.letters.counts();
  }

  @Get(':id')
  @Describe({
    id: 'getDeadLetter',
    summary: 'One dead letter, with its message',
    params,
    query: parameters.none,
    answers: { 200: ['The dead letter', schemas.wholeDeadLetter] },
    problems: unknown,
  })
  async find(@Param('id') id: string, @Query(by(parameters.none)) _none: object): Promise<object> {
    const letter = await this.found(id);
    const { key, headers, value } = letter;
    return {
      ...summaryOf(letter),
      key: bytesOf(stored(key)),
      headers: Object.entries(headers).flatMap(([name, given]) =>
        [given].flat().map((one) => ({ name, value: bytesOf(one) })),
      ),
      value: bytesOf(stored(value)),
    };
  }

  @Post(':id/retry')
  @HttpCode(200)
  @Describe({
    id: 'retryDeadLetter',
    summary: 'Try to record a dead letter again, as it is or corrected',
    description:
      'What succeeds is marked as retried; what is refused again stays open. A corrected message is recorded by whoever sends it.',
    params,
    body: { 'application/json': schemas.retrySchema },
    bodyOptional: true,
    answers: { 200: ['What came of it', schemas.retryOutcome] },
    problems: decided,
  })
  async retry(
    @Param('id') id: string,
    @Body() body: unknown,
    @Signature() signature: string | undefined,
  ): Promise<object> {
    const { value, ...remarks } = valueOf(parseBody(schemas.retrySchema, body ?? {}, 'command-invalid'));
    const letter = await this.open(id);
    const signal = AbortSignal.timeout(RETRY_TIMEOUT_MS);
    const mended = value === undefined ? undefined : Buffer.from(value);
    const result = await this.letters
      .retry(letter, { ...remarks, mended, signature, signal })
      .catch((error: unknown) => {
        if (!signal.aborted) throw error;
        throw new Problem(503, 'store-unavailable', 'the database is away at the moment; try again');
      });
    if (!('receipt' in result))
      return { ...NOTHING, recorded: false, code: result.rejection.code, detail: detailOf(result.rejection) };
    const { eventId, locationId, shard, position, duplicate } = result.receipt;
    return { ...NOTHING, recorded: true, eventId, locationId, shard, position, duplicate };
  }

  @Post(':id/discard')
  @HttpCode(200)
  @Describe({
    id: 'discardDeadLetter',
    summary: 'Discard a dead letter, with a reason; its topic keeps the message',
    params,
    body: { 'application/json': schemas.discardSchema },
    answers: { 200: ['The dead letter', schemas.deadLetter] },
    problems: decided,
  })
  async discard(
    @Param('id') id: string,
    @Body() body: unknown,
    @Signature() signature: string | undefined,
  ): Promise<object> {
    const remarks = valueOf(parseBody(schemas.discardSchema, body ?? {}, 'command-invalid'));
    const letter = await this.open(id);
    await this.letters.discard(letter, { ...remarks, signature });
    return summaryOf(await this.found(id));
  }

  private async found(id: string): Promise<DeadLetter> {
    const origin = letterOriginOf(id);
    const letter = origin && (await this.letters.find(origin));
    if (!letter) throw new Problem(404, 'dead-letter-not-found', 'no dead letter has this id');
    return letter;
  }

  private async open(id: string): Promise<DeadLetter> {
    const letter = await this.found(id);
    if (letter.outcome !== null)
      throw new Problem(409, 'dead-letter-decided', `it was ${letter.outcome} already`);
    return letter;
  }
}

const NOTHING = {
  code: null,
  detail: null,
  eventId: null,
  locationId: null,
  shard: null,
  position: null,
  duplicate: null,
};

const bytesOf = (bytes: ReturnType<typeof stored>) =>
  bytes && (typeof bytes === 'string' ? { text: bytes, base64: null } : { text: null, ...bytes });

const timeOf = (at: Date | null) => at && at.toISOString();

function summaryOf(letter: DeadLetter): object {
  const { topic, partition, offset, code, detail, deadAt, outcome, decidedAt, decidedBy, eventId } = letter;
  return {
    id: letterIdOf(letter),
    topic,
    partition,
    offset,
    code,
    detail,
    deadAt: timeOf(deadAt),
    outcome,
    decidedAt: timeOf(decidedAt),
    decidedBy,
    eventId,
  };
}
