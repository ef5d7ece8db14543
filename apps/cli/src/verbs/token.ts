import { InvalidArgumentError } from 'commander';
import { parseToken, type Token } from '#libs/domain';

/** The value of an option that is a token. */
export function tokenOption(text: string): Token {
  const token = parseToken(text);
  if (token) return token;
  throw new InvalidArgumentError('It must be a token: shard:position, several joined by commas.');
}
