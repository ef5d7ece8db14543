import type { LogFault } from '#libs/transparency';

/** Something in the log that does not fit, as a line. */
export const faultLine = ({ shard, position, eventId, what }: LogFault): string =>
  shard === null
    ? what
    : `shard ${shard}, position ${position} ${what}${eventId === undefined ? '' : ` (event ${eventId})`}`;
