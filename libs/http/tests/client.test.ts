import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { clientOf, networkOf } from '../src/edge/client.js';

const requestOf = (fields: object) => clientOf({ ip: '10.0.0.1', ...fields } as FastifyRequest);

describe('whom a request is counted for', () => {
  it('is its key, or else its address', () => {
    expect(requestOf({ caller: { kind: 'key', id: 'k1', roles: [] } })).toBe('key k1');
    expect(requestOf({ caller: { kind: 'anyone', roles: ['read'] } })).toBe('address 10.0.0.1');
    expect(requestOf({})).toBe('address 10.0.0.1');
    // A key is not an address, whatever it is called.
    expect(requestOf({ caller: { kind: 'key', id: '10.0.0.1', roles: [] } })).not.toBe(requestOf({}));
  });

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0DB8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s counts as %s', (address, network) => expect(networkOf(address)).toBe(network));
});
