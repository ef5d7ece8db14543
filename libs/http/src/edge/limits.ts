import type { RequestLimits, Settings } from '#libs/platform';

/** Limits as they are in force. */
export interface LimitsInForce {
  rates: { key: number; address: number };
  streams: number;
  streamsOfClient: number;
}

/**
 * The limits that the settings leave open depend on who comes: programs on the same machine are not slowed, but a proxy before
 * the service brings those of others.
 * @param isLoopback whether only this machine reaches the service, as `Access` has found out
 */
export function limitsOf(
  {
    limits: { rates, streams, streamsOfClient },
    trustProxy,
  }: { limits: RequestLimits } & Pick<Settings, 'trustProxy'>,
  isLoopback: boolean,
): LimitsInForce {
  const isOwn = isLoopback && trustProxy === undefined;
  return {
    rates: { key: rates.key ?? (isOwn ? 0 : 1000), address: rates.address ?? (isOwn ? 0 : 200) },
    streams,
    streamsOfClient: streamsOfClient ?? (isOwn ? streams : 100),
  };
}
