import { randomUUID } from 'node:crypto';
import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import {
  parseToken,
  type RecordedEvent,
  type Token,
  type UnreadableEvent,
  UnreadableShards,
} from '#libs/domain';
import { rangeEnd, EventStore, type LogRange } from '#libs/log';
import { LOGGER, type Logger, Problem, problemOf } from '#libs/platform';
import { replayLines, type Lines } from '#libs/transfer';
import { Describe } from '../openapi/describe.js';
import { Answer, jsonOfList } from '../edge/answer.js';
import { Form, Forms, JSON_TYPE, NDJSON } from '../edge/forms.js';
import { ReadYourWrites } from './read-your-writes.js';
import { parameters, type Parsed, path } from '../parameters.js';
import { by, uuidOr } from '../edge/schema.pipe.js';
import { endOf, OpenStreams, streamText } from '../edge/streaming.js';

@ApiTags('the log')
@Controller('v1/events')
export class EventsController {
  constructor(
    private readonly store: EventStore,
    private readonly readYourWrites: ReadYourWrites,
    readonly streams: OpenStreams,
    @Inject(LOGGER) readonly log: Logger,
  ) {}

  @Get()
  @Forms(JSON_TYPE, NDJSON)
  @Describe({
    id: 'listEvents',
    summary: 'The log, or a range of it, in order within each shard',
    description:
      'With `Accept: application/x-ndjson` the answer may have any length, and `speed` paces it at a multiple of real ' +
      'time. NDJSON has the headers `replay` and `replay-to`. An answer that could not be finished ends with a line ' +
      '`{"problem"}`; with `Accept: application/x-ndjson; end=token` a complete answer ends with a line `{"token"}`. ' +
      'An event that cannot be read (damaged in the database) ends its shard only, and is named: in `unreadable` of a page, ' +
      'in the last line, `{"problem", "unreadable", "token"}`, of NDJSON. Its token is before that event.',
    query: parameters.events,
    answers: {
      200: ['A page; or NDJSON', { 'application/json': 'Events', [NDJSON]: { text: 'An Event a line' } }],
    },
    headers: {
      replay: 'NDJSON only: an id of this answer',
      'replay-to': 'NDJSON only: the token reached at its end, if it fits into a header',
    },
  })
  async events(
    @Query(by(parameters.events))
    { after = new Map(), cursor, from, to, locations, types, speed, limit }: Parsed<'events'>,
    @Form() form: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const begin = cursor === undefined ? after : tokenOfCursor(cursor);
    const bounds = Object.entries({ after: begin, from, to }).filter(
      (entry): entry is [string, Token] => typeof entry[1] === 'object',
    );
    for (const [parameter, bound] of bounds) await this.readYourWrites.inLog(bound, parameter);
    const range = await this.store.range({ after: begin, from, to, streams: locations, types });
    // The log may have gone back in between; the range is of the epoch that is known now.
    for (const [, bound] of bounds) this.readYourWrites.inEpoch(bound);
    const { epochs } = this.store;
    if (form === NDJSON)
      return this.lines(reply, range, speed, WITH_END.test(reply.request.headers.accept ?? ''));
    if (speed !== undefined)
      throw new Problem(422, 'query-invalid', `speed is for ${NDJSON} only`, [
        { pointer: '/speed', detail: `is for ${NDJSON} only` },
      ]);
    const items: RecordedEvent[] = [];
    let nextCursor: string | null = null;
    const reached = new Map(begin);
    const unreadable: UnreadableEvent[] = [];
    for await (const event of this.store.readEvents(range, limit + 1, (one) => unreadable.push(one))) {
      if (items.length === limit) {
        nextCursor = epochs.format(reached);
        break;
      }
      items.push(event);
      reached.set(event.shard, event.position);
    }
    // Events that were read and not wanted count as passed.
    if (nextCursor === null)
      for (const [shard, position] of reachedIn(range, unreadable))
        reached.set(shard, Math.max(position, reached.get(shard) ?? 0));
    const places = unreadable.map(({ place }) => place);
    const rest = {
      nextCursor,
      token: epochs.format(reached),
      ...(places.length > 0 && { unreadable: places }),
    };
    const text = `{"items":${await jsonOfList(items, (event) => event)},${JSON.stringify(rest).slice(1)}`;
    await new Answer(text, { type: JSON_TYPE }).send(reply);
  }

  private async lines(
    reply: FastifyReply,
    range: LogRange,
    speed: number | undefined,
    withEnd: boolean,
  ): Promise<void> {
    // Of the epoch that the range was found in.
    const { epochs } = this.store;
    const end = epochs.format(rangeEnd(range));
    const headers = {
      'content-type': NDJSON,
      replay: randomUUID(),
      ...(end.length < MAX_HEADER_BYTES && { 'replay-to': end }),
    };
    const pieces = (signal: AbortSignal) => {
      const unreadable: UnreadableEvent[] = [];
      const options = { speed, onUnreadable: (event: UnreadableEvent) => unreadable.push(event) };
      const lines = replayLines(this.store, range, options, signal);
      const reached = () => epochs.format(reachedIn(range, unreadable));
      return eventText(lines, unreadable, reached, signal, withEnd);
    };
    await streamText(
      reply,
      headers,
      pieces,
      { streams: this.streams, log: this.log, packs: true },
      (problem) => `${JSON.stringify({ problem: problem.body() })}\n`,
    );
  }

  @Get(':eventId')
  @Describe({
    id: 'getEvent',
    summary: 'One event',
    params: { eventId: path.event },
    query: parameters.none,
    answers: { 200: ['The event', 'Event'] },
    problems: { 404: 'No such event' },
  })
  async event(
    @Param('eventId', uuidOr('event-not-found')) id: string,
    @Query(by(parameters.none)) _none: object,
  ): Promise<RecordedEvent> {
    const event = await this.store.find(id);
    if (!event) throw new Problem(404, 'event-not-found', `no event has the id ${id}`);
    return event;
  }
}

function tokenOfCursor(cursor: string): Token {
  const token = parseToken(cursor);
  if (token) return token;
  throw new Problem(422, 'query-invalid', 'cursor was not issued by this list', [
    { pointer: '/cursor', detail: 'was not issued by this list' },
  ]);
}

/** Clients take 16 kB of headers; with thousands of shards a token is longer. */
const MAX_HEADER_BYTES = 8000;

/** Asks for a last line with the token that is reached. An answer that was cut short lacks it. */
const WITH_END = /;\s*end=token\b/;

/** The end of a range, but for the shards that were left at an unreadable event. */
const reachedIn = (range: LogRange, unreadable: readonly UnreadableEvent[]): Token =>
  new Map([...rangeEnd(range), ...unreadable.map(({ shard, position }) => [shard, position - 1] as const)]);

/** @param unreadable filled while the lines are read; @param reached asked for when they are */
async function* eventText(
  lines: AsyncIterable<Lines>,
  unreadable: readonly UnreadableEvent[],
  reached: () => string,
  signal: AbortSignal,
  withEnd: boolean,
): AsyncGenerator<string> {
  for await (const { text } of lines) if (text !== '') yield text;
  if (signal.aborted) throw endOf(signal);
  const token = reached();
  if (unreadable.length > 0) {
    const problem = problemOf(new UnreadableShards(unreadable)).body();
    yield `${JSON.stringify({ problem, unreadable: unreadable.map(({ place }) => place), token })}\n`;
  } else if (withEnd) yield `${JSON.stringify({ token })}\n`;
}
