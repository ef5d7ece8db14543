import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { OpenStreams, parameters, parseQuery } from '#libs/http';
import { EventStore } from '#libs/log';
import { Completeness, createQueries, LiveStreams, ProjectionWaiter, ReadModels } from '#libs/queries';
import { ReadYourWrites, StreamController } from '#modules/http';
import { createLogger } from '#libs/platform';
import { startRunning, type Running } from './running.js';

// A stream whose heart beats faster than that of the service, on the same store.
const BEAT_MS = 20;

let running: Running;
let server: FastifyInstance;
let url: string;
let live: LiveStreams;
const streams = new OpenStreams();
beforeAll(async () => {
  running = await startRunning();
  const { app } = running.service;
  const models = app.get(ReadModels);
  const [store, waiter] = [app.get(EventStore), app.get(ProjectionWaiter)];
  live = new LiveStreams({ log: store, queries: createQueries(models), models, waiter }, () => {});
  const controller = new StreamController(
    live,
    models,
    new ReadYourWrites(store, waiter, app.get(Completeness)),
    streams,
    createLogger('silent'),
  );
  controller.heartbeatMs = BEAT_MS;
  server = fastify({ forceCloseConnections: true });
  server.get('/', (request, reply) =>
    controller.stream(
      parseQuery(parameters.stream, request.query),
      request.headers['last-event-id'] as string | undefined,
      reply,
    ),
  );
  url = await server.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  streams.closeAll();
  await server.close();
  await live.close();
  await running.stop();
});

/** As the EventSource of a browser: it comes back by itself with the last id that it was given, if it was given any. */
class EventSource {
  lastEventId = '';
  /** Every piece as it came. */
  readonly pieces: string[] = [];
  readonly messages: { event: string; data: { statementId?: string; id?: string; name?: string } }[] = [];

  constructor(private readonly at: string) {}

  /** Listens until enough has come; then somebody in between cuts it off. */
  async listen(enough: () => boolean): Promise<void> {
    const cut = new AbortController();
    const answer = await fetch(this.at, {
      signal: cut.signal,
      headers: this.lastEventId === '' ? {} : { 'last-event-id': this.lastEventId },
    });
    expect(answer.status).toBe(200);
    let rest = '';
    try {
      for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
        const pieces = (rest + chunk).split('\n\n');
        rest = pieces.pop()!;
        for (const piece of pieces) this.take(piece);
        if (enough()) return;
      }
      throw new Error('the stream ended');
    } finally {
      cut.abort();
    }
  }

  private take(piece: string): void {
    this.pieces.push(piece);
    const fields = new Map(
      piece
        .split('\n')
        .filter((line) => !line.startsWith(':'))
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()]),
    );
    this.lastEventId = fields.get('id') ?? this.lastEventId;
    const data = fields.get('data');
    if (data !== undefined)
      this.messages.push({
        event: fields.get('event')!,
        data: JSON.parse(data) as EventSource['messages'][number]['data'],
      });
  }

  claims(): string[] {
    return this.messages.filter(({ event }) => event === 'claim').map(({ data }) => data.statementId!);
  }
}

const ALONE = /^id: \d+:\d+(,\d+:\d+)*$/;
const holds = (token: string, part: string) => {
  const [shard, position] = part.split(':').map(Number);
  return token
    .split(',')
    .some((one) => Number(one.split(':')[0]) === shard && Number(one.split(':')[1]) >= position!);
};

describe('a stream that is quiet', () => {
  it('begins with its token alone, also while the log is empty', async () => {
    const source = new EventSource(`${running.url}/v1/stream`);
    await source.listen(() => source.pieces.length > 0);
    expect(source.pieces).toEqual([expect.stringMatching(ALONE)]);
    expect(source.messages).toEqual([]);
    const again = new EventSource(`${running.url}/v1/stream?after=`);
    await again.listen(() => again.pieces.length > 0);
    expect(again.pieces).toEqual([expect.stringMatching(ALONE)]);
  });

  it('loses nothing that happens while it is cut off, however often', async () => {
    const source = new EventSource(`${running.url}/v1/stream`);
    const said: string[] = [];
    for (let round = 0; round < 4; round++) {
      const before = source.pieces.length;
      await source.listen(() => source.pieces.length > before && source.claims().length === said.length);
      said.push((await running.record({ location: { name: `Cut off ${round}` } })).json.statementId);
    }
    await source.listen(() => source.claims().length === said.length);
    expect(source.claims()).toEqual(said);
  });

  it('says its token again and again', async () => {
    const source = new EventSource(url);
    await source.listen(() => source.pieces.length === 4);
    expect(source.pieces).toEqual(Array.from({ length: 4 }, () => expect.stringMatching(ALONE)));
  });
});

describe('a stream whose filter nothing passes', () => {
  const FILTER = '?status=denied&q=Nowhere';

  it('moves its token on, though it sends nothing else', async () => {
    const source = new EventSource(`${url}/${FILTER}`);
    await source.listen(() => source.lastEventId !== '');
    const { json } = await running.record({ location: { name: 'Passed over' } });
    await source.listen(() => holds(source.lastEventId, json.token));
    expect(source.messages).toEqual([]);
  });

  it('says its token also while there is news all the time', async () => {
    const source = new EventSource(`${url}/${FILTER}`);
    const end = new AbortController();
    const busy = (async () => {
      for (let n = 0; !end.signal.aborted; n++)
        await running.send('POST', '/v1/statements', {
          stance: 'assert',
          claim: { predicate: 'captured', actor: 'russia' },
          location: { name: `Busy ${n % 5}` },
          speaker: { party: 'russia', name: `Speaker ${n}` },
          statedAt: '2025-11-20',
        });
    })();
    const tokens = () => new Set(source.pieces).size;
    await source.listen(() => tokens() >= 5);
    end.abort();
    await busy;
    expect(source.pieces.every((piece) => ALONE.test(piece))).toBe(true);
  });

  it('does not read again what it has read when it comes back', async () => {
    const source = new EventSource(`${url}/${FILTER}`);
    const { json } = await running.record({ location: { name: 'Read once' } });
    await source.listen(() => source.lastEventId !== '' && holds(source.lastEventId, json.token));
    const store = running.service.app.get(EventStore);
    const original = store.readEvents.bind(store);
    const read: number[] = [];
    store.readEvents = async function* (...range) {
      for await (const event of original(...range)) {
        read.push(event.position);
        yield event;
      }
    };
    try {
      const before = source.pieces.length;
      await source.listen(() => source.pieces.length > before + 1);
    } finally {
      store.readEvents = original;
    }
    expect(read).toEqual([]);
  });
});
