import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRunning, type Running } from './running.js';

let running: Running;
beforeAll(async () => {
  running = await startRunning();
});
afterAll(() => running.stop());

interface Message {
  id: string;
  event: string;
  // oxlint-disable-next-line no-explicit-any
  data: any;
}

/** A client of Server-Sent Events that keeps what it got. */
class Client {
  readonly messages: Message[] = [];
  private readonly gone = new AbortController();
  private changed: () => void = () => {};
  private reading: Promise<void> = Promise.resolve();
  private end = false;

  static async open(query = '', lastEventId?: string): Promise<Client> {
    const client = new Client();
    const answer = await fetch(`${running.url}/v1/stream${query}`, {
      signal: client.gone.signal,
      headers: lastEventId ? { 'last-event-id': lastEventId } : {},
    });
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    const reader = answer.body!.getReader();
    // The first comment says that the stream stands.
    let text = new TextDecoder().decode((await reader.read()).value);
    client.reading = (async () => {
      try {
        for (;;) {
          for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
            const fields = Object.fromEntries(
              text
                .slice(0, end)
                .split('\n')
                .filter((line) => !line.startsWith(':'))
                .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
            );
            text = text.slice(end + 2);
            if (fields.event)
              client.messages.push({ id: fields.id!, event: fields.event, data: JSON.parse(fields.data!) });
            client.changed();
          }
          const { value, done } = await reader.read();
          if (done) break;
          text += new TextDecoder().decode(value);
        }
      } catch {
        // Closed by the test.
      }
      client.end = true;
      client.changed();
    })();
    return client;
  }

  async until(enough: (messages: Message[]) => boolean): Promise<Message[]> {
    while (!enough(this.messages)) {
      if (this.end) throw new Error('the stream ended');
      await new Promise<void>((resolve) => (this.changed = resolve));
    }
    return this.messages;
  }

  async close(): Promise<void> {
    this.gone.abort();
    await this.reading;
  }

  async ended(): Promise<void> {
    await this.reading;
  }
}

const states = (messages: Message[], id: string) =>
  messages.filter(({ event, data }) => event === 'state' && data.id === id);
const claims = (messages: Message[]) =>
  messages.filter(({ event }) => event === 'claim').map(({ data }) => data.statementId as string);

describe('GET /v1/stream', () => {
  it('sends each claim once, then the present state of its place', async () => {
    const client = await Client.open();
    const { json } = await running.record({ location: { name: 'Stream one' } });
    const messages = await client.until((all) => states(all, json.locationId).length > 0);
    expect(messages.map(({ event }) => event)).toEqual(['claim', 'state']);
    expect(messages[0]!.data).toMatchObject({ statementId: json.statementId, stance: 'assert' });
    expect(messages[1]!.data).toMatchObject({ id: json.locationId, status: 'claimed' });
    const voided = await running.send('POST', `/v1/statements/${json.statementId}/void`, {
      by: 'desk',
      reason: 'a mistake',
    });
    await client.until((all) => states(all, json.locationId).length > 1);
    expect(states(client.messages, json.locationId).at(-1)!.data.status).toBe('unclaimed');
    expect(client.messages.at(-1)!.id).toContain(voided.json.token);
    await client.close();
  });

  it('is resumed after any message: no claim twice, no claim and no last state missing', async () => {
    const client = await Client.open();
    const sent: string[] = [];
    for (let n = 1; n <= 10; n++)
      sent.push(
        (await running.record({ location: { name: `Resumed ${n % 3}` }, statedAt: `2025-10-${10 + n}` })).json
          .statementId,
      );
    const messages = [
      ...(await client.until((all) => claims(all).length === 10 && all.at(-1)!.event === 'state')),
    ];
    await client.close();
    for (const [at, message] of messages.entries()) {
      const resumed = await Client.open('', message.id);
      const before = claims(messages.slice(0, at + 1));
      await resumed.until((all) => claims(all).length === 10 - before.length);
      expect([...before, ...claims(resumed.messages)].toSorted()).toEqual(sent.toSorted());
      for (const name of ['Resumed 0', 'Resumed 1', 'Resumed 2']) {
        const touched =
          messages.slice(at).some(({ event, data }) => event === 'state' && data.name === name) ||
          (message.event === 'claim' && messages[at + 1]?.data.name === name);
        if (touched)
          await resumed.until((all) =>
            all.some(({ event, data }) => event === 'state' && data.name === name),
          );
      }
      await resumed.close();
    }
  });

  it('filters, and reports when a place leaves the filter', async () => {
    const place = (await running.record({ location: { name: 'Leaving' } })).json.locationId;
    const client = await Client.open('?status=claimed');
    await running.record({ location: { name: 'Leaving' }, speaker: { party: 'ukraine' }, stance: 'deny' });
    await client.until((all) => states(all, place).some(({ data }) => data.status === 'contested'));
    await running.record({
      location: { name: 'Leaving' },
      speaker: { party: 'ukraine' },
      stance: 'deny',
      statedAt: '2025-11-29',
    });
    const other = (await running.record({ location: { name: 'Entering' } })).json.locationId;
    await client.until((all) => states(all, other).length > 0);
    expect(states(client.messages, place)).toHaveLength(1);
    await client.close();
  });

  it('refuses an invalid Last-Event-ID, and filters that are wrong', async () => {
    expect((await running.get('/v1/stream', { 'last-event-id': 'x' })).status).toBe(422);
    expect((await running.get('/v1/stream?status=x')).status).toBe(422);
    expect((await running.get('/v1/stream?after=0:99999999')).status).toBe(422);
  });

  it('ends when the service stops', async () => {
    const other = await startRunning();
    const first = running;
    running = other;
    const client = await Client.open();
    running = first;
    await other.stop();
    await client.ended();
  });
});
