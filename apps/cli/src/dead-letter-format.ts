import { detailOf, stored, type DeadLetter, type Origin, type ExecutionResult } from '#libs/intake';

/** The id of a dead letter in `claimline dead-letters`; `statements` is the topic where the id names none. */
export const idOf = ({ topic, partition, offset }: Origin, statements: string): string =>
  `${topic === statements ? '' : `${topic}:`}${partition}:${offset}`;

/** The result of a retry: for machines, and for people. */
export function outcomeOf(result: ExecutionResult) {
  if (!('receipt' in result))
    return { recorded: false, code: result.rejection.code, detail: detailOf(result.rejection) };
  const { eventId, locationId, shard, position, duplicate } = result.receipt;
  return { recorded: true, eventId, locationId, shard, position, duplicate };
}

export function formatResult(result: ExecutionResult): string {
  if (!('receipt' in result)) return `${result.rejection.code}: ${detailOf(result.rejection)}`;
  const { locationId, shard, position, duplicate } = result.receipt;
  return `${duplicate ? 'was recorded already' : 'recorded'}: place ${locationId}, ${shard}:${position}`;
}

export function formatSummary(letter: DeadLetter, statements: string) {
  const { topic, partition, offset, code, detail, deadAt, outcome, decidedAt, decidedBy, eventId } = letter;
  return {
    id: idOf(letter, statements),
    topic,
    partition,
    offset,
    code,
    detail,
    deadAt,
    outcome,
    decidedAt,
    decidedBy,
    eventId,
  };
}

export const formatLine = (letter: DeadLetter, statements: string): string =>
  [
    idOf(letter, statements).padEnd(10),
    letter.deadAt.toISOString(),
    letter.code.padEnd(20),
    letter.outcome?.padEnd(9) ?? 'open     ',
    letter.detail.slice(0, 200),
  ].join('  ');

/** All of a dead letter; bytes that are not UTF-8 are in base64. */
export const formatWhole = (letter: DeadLetter, statements: string) => ({
  ...formatSummary(letter, statements),
  key: stored(letter.key),
  headers: letter.headers,
  value: stored(letter.value),
});
