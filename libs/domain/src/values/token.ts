/** For each shard that it names, the position that has been reached. */
export interface Token extends ReadonlyMap<number, number> {
  /** By shard, the epoch in which its position was reached; a shard that is not named is in epoch 0, the first. */
  readonly epochs?: ReadonlyMap<number, number>;
}

const PART = /^(0|[1-9]\d{0,5}):(0|[1-9]\d{0,14})(?:~([1-9]\d{0,11}))?$/;

/**
 * `shard:position`, several joined by commas, by shard; `shard:position~epoch` where the position was reached in a later epoch
 * than the first.
 * @param epochOf the epoch of a position (default: that of the token)
 */
export const formatToken = (
  token: Token,
  epochOf = (shard: number, _position: number): number => token.epochs?.get(shard) ?? 0,
): string =>
  [...token]
    .toSorted(([a], [b]) => a - b)
    .map(([shard, position]) => {
      const epoch = epochOf(shard, position);
      return epoch === 0 ? `${shard}:${position}` : `${shard}:${position}~${epoch}`;
    })
    .join(',');

/** Reads a token; undefined where the text is not a token, or names a shard twice. An empty text is the token without shards. */
export function parseToken(text: string): Token | undefined {
  const token = new Map<number, number>();
  const epochs = new Map<number, number>();
  for (const part of text === '' ? [] : text.split(',')) {
    const match = PART.exec(part);
    if (!match || token.has(Number(match[1]))) return undefined;
    token.set(Number(match[1]), Number(match[2]));
    if (match[3] !== undefined) epochs.set(Number(match[1]), Number(match[3]));
  }
  return tokenIn(token, epochs);
}

/** A token whose positions were reached in these epochs. */
export const tokenIn = (positions: Token, epochs: ReadonlyMap<number, number>): Token =>
  epochs.size === 0 ? positions : Object.assign(new Map(positions), { epochs });

/** The token that is reached where all of them are; its epochs are not kept. */
export function joinTokens(tokens: Iterable<Token>): Token {
  const joined = new Map<number, number>();
  for (const token of tokens)
    for (const [shard, position] of token) joined.set(shard, Math.max(position, joined.get(shard) ?? 0));
  return joined;
}
