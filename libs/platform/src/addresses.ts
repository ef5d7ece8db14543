import { isIP } from 'node:net';

const NAMED = ['loopback', 'linklocal', 'uniquelocal'];
const BITS = { 4: 32, 6: 128 };

/** Whether a text is an address, a network (`10.0.0.0/8`), or the name of the usual networks of proxies. */
export function isAddressOrNetwork(text: string): boolean {
  if (NAMED.includes(text)) return true;
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address) as 0 | 4 | 6;
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= BITS[version]);
}
