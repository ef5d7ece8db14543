import { isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '#libs/access';

/** Whom limits count a request for: `key <id>`, or `address <address>` where it has no key. */
export function clientOf(request: FastifyRequest): string {
  const id = (request as { caller?: Caller }).caller?.id;
  return id === undefined ? `address ${networkOf(request.ip)}` : `key ${id}`;
}

/** An address as limits count it: whoever has an address of IPv6 has the 2^64 beside it too. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1]!;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%', 1)[0]!.split('::');
  const groups = (part = '') => (part === '' ? [] : part.split(':'));
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(Math.max(0, missing)).fill('0'), ...groups(tail)];
  return `${all
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
