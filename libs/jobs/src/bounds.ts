import { formatToken, parseEnd, parseMoment, parseToken } from '#libs/domain';
import type { RangeBound, EventStore } from '#libs/log';

/** The start of a range in a request: a token (events after it), or a time of recording; a date means its start. */
export const parseFrom = (text: string): RangeBound | undefined => boundToken(text) ?? parseMoment(text)?.at;

/** The end of a range in a request: a token (the events that it holds), or a time of recording; a date means its end. */
export const parseTo = (text: string): RangeBound | undefined => boundToken(text) ?? parseEnd(text);

/** An empty text is a token too, but it is never meant as one. */
const boundToken = (text: string) => (text === '' ? undefined : parseToken(text));

/** The fault of a bound that the log does not have; undefined if it has it. */
export async function faultOfBound(
  store: Pick<EventStore, 'epochs' | 'heads'>,
  bound: RangeBound | undefined,
): Promise<string | undefined> {
  if (typeof bound !== 'object') return undefined;
  const heads = new Map((await store.heads()).map(({ shard, position }) => [shard, position]));
  const goOn = store.epochs.goOn(bound);
  if (goOn)
    return `is of a log that has gone back since: the same part of the log of today ends at ${formatToken(goOn)}`;
  const beyond = [...bound].find(([shard, position]) => position > (heads.get(shard) ?? -1));
  if (!beyond) return undefined;
  const [shard, position] = beyond;
  return heads.has(shard)
    ? `names position ${position} of shard ${shard}, which the log has not reached. If this store gave it, the log has gone back: ` +
        'see `claimline epoch new` (docs/operations.md, "A log that has gone back")'
    : `names shard ${shard}, of ${heads.size}`;
}
