import type { IHeaders } from 'kafkajs';
import { headerOf, type Headers } from '#libs/messaging';

/**
 * What a message must become: an event of the log, known by its key in the ledger, or a dead letter with this code. With
 * both it is either, for it depends on what overtakes what.
 */
export interface Fate {
  recorded?: string;
  dead?: string;
}

/** A message for the statements topic. It may be sent several times, and be in the topic several times. */
export interface Letter {
  number: number;
  key: string | null;
  value: Buffer | null;
  headers: IHeaders;
  fate: Fate;
  /** Whether the brokers have acknowledged it. */
  acknowledged: boolean;
}

/** The header that names the owner of a message in a topic. */
export const LETTER = 'letter';

export const numberOf = (headers: Headers | undefined): number =>
  Number(headerOf(headers, LETTER) ?? Number.NaN);

/** A message's key, value and headers, bytewise, so that two can be compared. */
export function contentOf(
  {
    key,
    value,
    headers,
  }: { key: string | Buffer | null; value: Buffer | null; headers?: Headers | undefined },
  without: readonly string[] = [],
): string {
  const bytes = (one: string | Buffer | null | undefined) =>
    one == null ? null : Buffer.from(one).toString('latin1');
  const own = Object.entries(headers ?? {}).filter(([name]) => !without.includes(name));
  return JSON.stringify([
    bytes(key),
    bytes(value),
    own
      .map(([name, held]) => [name, (Array.isArray(held) ? held : [held]).map(bytes)])
      .toSorted(([a], [b]) => (a! < b! ? -1 : 1)),
  ]);
}
