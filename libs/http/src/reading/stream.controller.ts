import { Controller, Get, Headers, Inject, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { parseToken, type Token } from '#libs/domain';
import { LOGGER, type Logger, Problem } from '#libs/platform';
import { type LivePiece, LiveStreams, ReadModels } from '#libs/queries';
import { Describe } from '../openapi/describe.js';
import { EVENT_STREAM, Forms } from '../edge/forms.js';
import { ReadYourWrites } from './read-your-writes.js';
import { parameters, type Parsed } from '../parameters.js';
import { by } from '../edge/schema.pipe.js';
import { OpenStreams, streamText } from '../edge/streaming.js';

const HEADERS = {
  'content-type': `${EVENT_STREAM}; charset=utf-8`,
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

@ApiTags('reading')
@Controller('v1/stream')
export class StreamController {
  /** After this time without an event, the token alone is sent. */
  heartbeatMs = 15_000;

  constructor(
    private readonly live: LiveStreams,
    private readonly models: ReadModels,
    private readonly readYourWrites: ReadYourWrites,
    readonly streams: OpenStreams,
    @Inject(LOGGER) readonly log: Logger,
  ) {}

  @Get()
  @Forms(EVENT_STREAM)
  @Describe({
    id: 'followStream',
    summary: 'Server-Sent Events: each `claim` once, then the present `state` of each place that changed',
    query: parameters.stream,
    description:
      'Each `claim` is sent once; its data is a Statement. After the last event of a batch that changes a place, its ' +
      'present `state` is sent; its data is a State. `id` is a token: a reader that was cut off resumes after it with ' +
      'the header Last-Event-ID. The first message, and another one after every 15 s without events, has only an `id`. ' +
      'An event of the log that cannot be read is told by a `problem` with `unreadable`: the stream goes on without its shard. ' +
      'Any other `event: problem`, whose data is a Problem, is the last one: after `epoch-changed` its `token` is where to go on.',
    answers: {
      200: [
        'The stream',
        { 'text/event-stream': { text: 'Events with `id`, `event` and `data`; the data is JSON' } },
      ],
    },
  })
  async stream(
    @Query(by(parameters.stream)) { after, ...filter }: Parsed<'stream'>,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const resumed = lastEventId ? lastEventToken(lastEventId) : after;
    if (resumed) await this.readYourWrites.inLog(resumed, lastEventId ? 'Last-Event-ID' : 'after');
    const from = resumed ?? (await this.models.checkpoints());
    const options = { idle: this.heartbeatMs, resumed: resumed !== undefined };
    const { live } = this;
    async function* pieces(signal: AbortSignal) {
      for await (const piece of live.open(from, filter, { ...options, signal })) yield textOf(piece);
    }
    await streamText(
      reply,
      HEADERS,
      pieces,
      this,
      (problem) => `event: problem\ndata: ${JSON.stringify(problem.body())}\n\n`,
    );
  }
}

const texts = new WeakMap<LivePiece, Buffer>();

/** As it is sent: made once for all streams that get the same piece. */
function textOf(piece: LivePiece): Buffer {
  let text = texts.get(piece);
  if (!text) {
    text = Buffer.from(
      piece
        .map((message) =>
          'event' in message
            ? `id: ${message.id}\nevent: ${message.event}\ndata: ${message.data}\n\n`
            : `id: ${message.id}\n\n`,
        )
        .join(''),
    );
    texts.set(piece, text);
  }
  return text;
}

function lastEventToken(lastEventId: string): Token {
  const token = parseToken(lastEventId);
  if (token) return token;
  throw new Problem(422, 'query-invalid', 'Last-Event-ID is not a token', [
    { pointer: '/Last-Event-ID', detail: 'must be the id of an event of this stream' },
  ]);
}
