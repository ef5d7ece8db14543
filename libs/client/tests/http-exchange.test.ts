import { describe, expect, it } from '@jest/globals';
import { HttpExchange, NoAnswer } from '../src/http/http-exchange.js';

const never = () => new Promise<never>(() => {});
const target = { url: 'http://127.0.0.1:1', requestTimeoutMs: 5000 };

describe('a read that never settles', () => {
  it('ends with the signal of the reader, before and during it', async () => {
    const reader = new AbortController();
    const exchange = new HttpExchange(target, reader.signal);
    const reading = exchange.timed(never);
    reader.abort();
    await expect(reading).rejects.toThrow(NoAnswer);
    await expect(exchange.timed(never)).rejects.toThrow(NoAnswer);
  });

  it('ends with the exchange', async () => {
    const exchange = new HttpExchange(target, new AbortController().signal);
    const reading = exchange.timed(never);
    exchange.end();
    await expect(reading).rejects.toThrow(NoAnswer);
  });

  it('ends at the time limit, which the error names', async () => {
    const exchange = new HttpExchange({ ...target, requestTimeoutMs: 20 }, new AbortController().signal);
    await expect(exchange.timed(never)).rejects.toThrow('nothing came for 20 ms');
  });
});
