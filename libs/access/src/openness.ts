import { lookup } from 'node:dns/promises';
import { BlockList } from 'node:net';
import { type Settings, SettingsError } from '#libs/platform';
import type { Access } from './access.js';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether only this machine reaches a host: an address, or a name all of whose addresses are loopback ones. */
export async function isLoopback(host: string): Promise<boolean> {
  const addresses = await lookup(host, { all: true }).catch(() => []);
  return (
    addresses.length > 0 &&
    addresses.every(({ address, family }) => LOOPBACK.check(address, family === 6 ? 'ipv6' : 'ipv4'))
  );
}

/** @throws SettingsError where others reach the service, there is no key, and nobody has said that it is open */
export function requireKeysOrOpen(access: Access, { host, open }: Pick<Settings, 'host' | 'open'>): void {
  if (open !== undefined || access.isLoopback || access.hasKeys) return;
  throw new SettingsError(
    [
      `HOST is ${host}, which others reach, and there is no key yet. Do one of these:`,
      '  claimline keys create --name <name> --role admin   on the same DATA_DIR or DATABASE_URL makes a key',
      '  OPEN=read                                          lets everybody read; writing needs a key',
      '  OPEN=all                                           lets everybody do everything',
    ].join('\n'),
  );
}

/** The line that a start says about who may do what; undefined where every request needs a key. */
export function opennessLine(access: Access): string | undefined {
  switch (access.open) {
    case 'everything':
      return access.isSetOpen
        ? 'Open to everybody who reaches it, without a key (OPEN=all)'
        : 'Open to everybody on this machine, because there is no key yet: `claimline keys create` makes one, and closes it';
    case 'reading':
      return 'Open to everybody for reading (OPEN=read); everything else needs a key';
    case 'nothing':
      return undefined;
  }
}

/** The line that a start says about metrics at a port of their own, which no key guards; undefined where others do not reach it. */
export async function openMetricsLine({ metrics }: Pick<Settings, 'metrics'>): Promise<string | undefined> {
  return metrics === undefined || (await isLoopback(metrics.host))
    ? undefined
    : `Metrics are open to everybody who reaches ${metrics.host}, without a key (METRICS_HOST)`;
}
