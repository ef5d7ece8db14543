import { Controller, Get, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { formatToken, parseToken, type RecordedEvent, type Token } from '#libs/domain';
import { EventStore } from '#libs/event-store';
import { Problem } from '#libs/platform';
import { Describe } from './describe.js';
import { Freshness } from './freshness.js';
import { NDJSON } from './http.js';
import { parameters, parseQuery, uuidOf } from './parameters.js';
import { OpenStreams, streamText } from './streaming.js';
import { LOGGER, type Logger } from './tokens.js';

@ApiTags('the log')
@Controller('v1/events')
export class EventsController {
  constructor(
    private readonly store: EventStore,
    private readonly freshness: Freshness,
    readonly streams: OpenStreams,
    @Inject(LOGGER) readonly log: Logger,
  ) {}

  @Get()
  @Describe({ summary: 'The log itself, in order within each shard; as NDJSON of any length', query: parameters.events, answers: { 200: ['A page', 'Events'] } })
  async events(@Query() query: unknown, @Headers('accept') accept: string | undefined, @Res() reply: FastifyReply): Promise<void> {
    const { after = new Map(), cursor, types, limit } = parseQuery(parameters.events, query);
    const from = cursor === undefined ? after : tokenOfCursor(cursor);
    await this.freshness.inLog(from);
    if (accept?.includes(NDJSON)) {
      const lines = (signal: AbortSignal) => asLines(this.store.readAll(from, { types }), signal);
      await streamText(reply, { 'content-type': NDJSON }, lines, this, (problem) => `${JSON.stringify({ problem: problem.body() })}\n`);
      return;
    }
    const items: RecordedEvent[] = [];
    let nextCursor: string | null = null;
    const reached = new Map(from);
    for await (const event of this.store.readAll(from, { types, pageSize: limit + 1 })) {
      if (items.length === limit) {
        nextCursor = formatToken(reached);
        break;
      }
      items.push(event);
      reached.set(event.shard, event.position);
    }
    await reply.send({ items, nextCursor, token: formatToken(reached) });
  }

  @Get(':eventId')
  @Describe({ summary: 'One event, whole', params: { eventId: 'The event' }, query: parameters.none, answers: { 200: ['The event', 'Event'] }, problems: { 404: 'No such event' } })
  async event(@Param('eventId') given: string, @Query() query: unknown): Promise<RecordedEvent> {
    parseQuery(parameters.none, query);
    const event = await this.store.find(uuidOf(given, 'event-not-found'));
    if (!event) throw new Problem(404, 'event-not-found', 'no event has this id');
    return event;
  }
}

function tokenOfCursor(cursor: string): Token {
  const token = parseToken(cursor);
  if (token) return token;
  throw new Problem(422, 'query-invalid', 'cursor is none that this list answered', [{ pointer: '/cursor', detail: 'is none that this list answered' }]);
}

const PIECE = 64 * 1024;

async function* asLines(events: AsyncIterable<RecordedEvent>, stop: AbortSignal): AsyncGenerator<string> {
  let piece = '';
  for await (const event of events) {
    if (stop.aborted) return;
    piece += `${JSON.stringify(event)}\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
