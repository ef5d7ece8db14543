/** For each shard that it names, the position that has been reached. */
export type Token = ReadonlyMap<number, number>;

const PART = /^(0|[1-9]\d{0,5}):(0|[1-9]\d{0,14})$/;

/** `shard:position`, several joined by commas, by shard. */
export const formatToken = (token: Token): string =>
  [...token]
    .toSorted(([a], [b]) => a - b)
    .map(([shard, position]) => `${shard}:${position}`)
    .join(',');

/** Reads a token; undefined where the text is not a token, or names a shard twice. An empty text is the token without shards. */
export function parseToken(text: string): Token | undefined {
  const token = new Map<number, number>();
  for (const part of text === '' ? [] : text.split(',')) {
    const match = PART.exec(part);
    if (!match || token.has(Number(match[1]))) return undefined;
    token.set(Number(match[1]), Number(match[2]));
  }
  return token;
}

/** The token that is reached where all of them are. */
export function joinTokens(tokens: Iterable<Token>): Token {
  const joined = new Map<number, number>();
  for (const token of tokens)
    for (const [shard, position] of token) joined.set(shard, Math.max(position, joined.get(shard) ?? 0));
  return joined;
}
