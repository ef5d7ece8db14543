import { isIP } from 'node:net';

/** Whether only programs of this machine reach a server at this address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
