import { parseEnd, parseMoment, parseToken } from '#libs/domain';
import type { Bound, EventStore } from '#libs/event-store';

/** Where a range begins, as it is asked for: a token (events after it), or a time of recording; a date means its start. */
export const parseFrom = (text: string): Bound | undefined => tokenOf(text) ?? parseMoment(text)?.at;

/** Where a range ends: a token (the events that it holds), or a time of recording; a date means its end. */
export const parseTo = (text: string): Bound | undefined => tokenOf(text) ?? parseEnd(text);

/** An empty text is a token too, but nobody means it. */
const tokenOf = (text: string) => (text === '' ? undefined : parseToken(text));

/** What is wrong with a bound that the log does not have; undefined where it has it. */
export async function faultOfBound(
  store: Pick<EventStore, 'heads'>,
  bound: Bound | undefined,
): Promise<string | undefined> {
  if (typeof bound !== 'object') return undefined;
  const heads = new Map((await store.heads()).map(({ shard, position }) => [shard, position]));
  const beyond = [...bound].find(([shard, position]) => position > (heads.get(shard) ?? -1));
  if (!beyond) return undefined;
  const [shard, position] = beyond;
  return heads.has(shard)
    ? `names position ${position} of shard ${shard}, which the log has not reached`
    : `names shard ${shard}, of ${heads.size}`;
}
