import { expect, it } from '@jest/globals';
import { readSettings } from '#libs/platform';
import { limitsOf } from '../src/edge/limits.js';

const OWN = { rates: { key: 0, address: 0 }, streams: 1000, streamsOfClient: 1000 };
const OPEN = { rates: { key: 1000, address: 200 }, streams: 1000, streamsOfClient: 100 };

it('clients are limited where others than programs of this machine may be', () => {
  // Whether others reach it is not read from the name.
  for (const HOST of ['127.0.0.1', 'localhost', 'example.org']) {
    expect(limitsOf(readSettings({ HOST }), true)).toEqual(OWN);
    expect(limitsOf(readSettings({ HOST }), false)).toEqual(OPEN);
  }
  for (const isLoopback of [true, false])
    expect(limitsOf(readSettings({ TRUST_PROXY: '127.0.0.1' }), isLoopback)).toEqual(OPEN);
});

it('what is set is the limit, whoever comes', () => {
  for (const isLoopback of [true, false]) {
    const given = {
      RATE_LIMIT_KEY: '50',
      RATE_LIMIT_ADDRESS: '0',
      MAX_STREAMS: '9',
      MAX_STREAMS_PER_CLIENT: '3',
    };
    expect(limitsOf(readSettings(given), isLoopback)).toEqual({
      rates: { key: 50, address: 0 },
      streams: 9,
      streamsOfClient: 3,
    });
  }
  expect(limitsOf(readSettings({ RATE_LIMIT_ADDRESS: '7', MAX_STREAMS: '9' }), true)).toEqual({
    rates: { key: 0, address: 7 },
    streams: 9,
    streamsOfClient: 9,
  });
});
