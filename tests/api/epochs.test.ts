import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { EpochChanged, readEvents, type EventReader } from '#libs/client';
import { copyOf } from '../support/go-back.js';
import { PLAIN, startRunning, type Answer, type Running } from './running.js';

const DEADLINE_MS = 60_000;

/** The reading of a live stream: its messages so far, and its end. */
class Stream {
  readonly messages: { id?: string; event?: string; data?: string }[] = [];
  readonly ended: Promise<void>;

  constructor(url: string, after: string) {
    this.ended = this.read(`${url}/v1/stream?after=${after}`);
  }

  get problem() {
    const last = this.messages.find(({ event }) => event === 'problem');
    return last && (JSON.parse(last.data!) as { type: string; token: string });
  }

  claims(): number {
    return this.messages.filter(({ event }) => event === 'claim').length;
  }

  private async read(url: string): Promise<void> {
    const answer = await fetch(url);
    let rest = '';
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split('\n\n');
      rest = parts.pop()!;
      for (const part of parts)
        this.messages.push(
          Object.fromEntries(part.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))),
        );
    }
  }
}

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const end = Date.now() + DEADLINE_MS; Date.now() < end; await sleep(50)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error('it did not come about in time');
}

describe.each([
  ['a restored copy', { sameLine: false }],
  ['a copy of files put back under a running service', { sameLine: true }],
])('a log that went back: %s', (_kind, how) => {
  let running: Running;
  let recorded = 0;
  let stream: Stream;
  let reader: EventReader;
  /** The token of the last lost write, of a write before, and of the first after. */
  let lost: string;
  let kept: string;
  let first: Answer;
  const statementIds: string[] = [];
  const place = { location: { name: 'Millbridge', country: 'ZZ' } };

  const record = async (): Promise<Answer> => {
    recorded += 1;
    const body = { ...PLAIN, ...place, speaker: { name: `Speaker ${recorded}`, party: 'russia' } };
    return until(async () => {
      const answer = await running.send('POST', '/v1/statements', body).catch(() => undefined);
      return answer && answer.status < 300 ? answer : undefined;
    });
  };
  const problem = (answer: Answer) => [answer.status, answer.json.type as string];
  const CHANGED = [409, 'urn:claimline:problem:epoch-changed'];

  beforeAll(async () => {
    running = await startRunning({ SHARDS: '1' });
    for (let at = 0; at < 30; at++) kept = (await record()).json.token as string;
    const copy = await copyOf(running.databaseUrl);
    await until(async () =>
      (await running.get(`/v1/events?after=${kept}`)).status === 200 ? true : undefined,
    );
    stream = new Stream(running.url, kept);
    reader = readEvents({ url: running.url, after: kept, pollMs: 50, longestRestMs: 200 });
    for (let at = 0; at < 10; at++) {
      lost = (await record()).json.token as string;
      expect((await reader.next()).value).toMatchObject({ position: 31 + at });
    }
    await until(() => (stream.claims() === 10 ? true : undefined));
    await copy.putBack(how);
    for (let at = 0; at < 15; at++) {
      const answer = await record();
      if (at === 0) first = answer;
      statementIds.push(answer.json.statementId as string);
    }
  }, 180_000);
  afterAll(async () => {
    await reader?.return();
    await running?.stop();
  });

  test(
    'a live stream ends, and says where to go on; from there all fifteen claims come',
    async () => {
      const { type, token } = await until(() => stream.problem);
      expect(type).toBe(CHANGED[1]);
      await stream.ended;
      expect(stream.claims()).toBe(10);
      const next = new Stream(running.url, token);
      const ids = await until(() => {
        const claims = next.messages
          .filter(({ event }) => event === 'claim')
          .map(({ data }) => JSON.parse(data!));
        return claims.length >= 15 ? claims.map(({ statementId }) => statementId as string) : undefined;
      });
      expect(ids).toEqual(expect.arrayContaining(statementIds));
    },
    DEADLINE_MS * 2,
  );

  test(
    'a reader of the client gets an error, and from its token all fifteen events',
    async () => {
      const error = await until(() =>
        reader.next().then(
          () => undefined,
          (thrown: unknown) => thrown,
        ),
      );
      expect(error).toBeInstanceOf(EpochChanged);
      const ids: string[] = [];
      for await (const event of readEvents({
        url: running.url,
        after: (error as EpochChanged).token,
        follow: false,
      }))
        ids.push(event.statementId!);
      expect(ids.slice(-15)).toEqual(statementIds);
    },
    DEADLINE_MS * 2,
  );

  test('every question with a token of what is lost is refused, and one of what is left is not', async () => {
    for (const path of ['events', 'stream', 'locations', 'statements', 'changes'])
      expect([path, problem(await running.get(`/v1/${path}?after=${lost}`))]).toEqual([path, CHANGED]);
    expect((await running.get(`/v1/events?after=${kept}&limit=500`)).json.items).toHaveLength(15);
    const { token } = (await running.get(`/v1/events?after=${lost}`)).json as { token: string };
    expect((await running.get(`/v1/events?after=${token}`)).status).toBe(200);
  });

  test('a write after it can be read with its token, and with the token of the state', async () => {
    const { locationId } = first.json as { locationId: string };
    const { token } = (await record()).json as { token: string };
    expect(token).toMatch(/^0:46~\d+$/);
    const state = await running.get(`/v1/locations/${locationId}?after=${token}&wait=30000`);
    expect(state).toMatchObject({ status: 200, json: { token, statements: 46 } });
    const list = await running.get(`/v1/locations?after=${state.json.token}`);
    expect(list.json.items[0]).toMatchObject({ token });
    expect((await running.get('/v1/projections')).json.token).toBe(token);
    expect((await running.get(`/v1/events?after=${token}`)).json).toMatchObject({ items: [], token });
  });

  test('events of the log say in which epoch they are', async () => {
    const { items } = (await running.get('/v1/events?limit=500')).json as {
      items: { position: number; epoch?: number }[];
    };
    expect(items.filter(({ epoch }) => epoch !== undefined).map(({ position }) => position)).toEqual(
      items.map(({ position }) => position).filter((position) => position > 30),
    );
  });
});
