/** A message of Server-Sent Events. One that has only an id tells where the stream is. */
export interface Message {
  id?: string;
  event?: string;
  data?: string;
}

/** The whole messages at the beginning of a text, and what is left of it. */
export function messagesIn(text: string): { messages: Message[]; rest: string } {
  const blocks = text.split('\n\n');
  const rest = blocks.pop()!;
  return { messages: blocks.map(messageOf), rest };
}

const messageOf = (block: string): Message =>
  Object.fromEntries(
    block.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
    }),
  );

const positionsOf = (token: string): Map<string, number> =>
  new Map(
    token.split(',').map((part) => {
      const [shard, position] = part.split(':');
      return [shard!, Number(position)];
    }),
  );

/** Whether all that a token has seen was seen by another one. Where they cannot be compared it was not. */
export function isWithin(token: string, other: string): boolean {
  const seen = positionsOf(other);
  return [...positionsOf(token)].every(([shard, position]) => position <= (seen.get(shard) ?? 0));
}
