import { fold, memoize } from '#libs/domain';

const NO_LETTERS = /[^\p{L}\p{N}]+/gu;

/**
 * The text in which a place is searched by its names: folded, each word after a space. Names with hyphens and the like are
 * in it twice, as they are and word by word.
 */
export function searchText(names: readonly string[]): string {
  return [...new Set([...names.map(whole), ...names.map(wordByWord)])].map((name) => ` ${name}`).join('\n');
}

const whole = memoize(fold);
const wordByWord = memoize((name: string) => fold(name).replace(NO_LETTERS, ' ').trim());

/** The substring of such a text that a query matches; with one or two characters, the start of a word. */
function foldedQuery(query: string): string {
  const folded = fold(query);
  return [...folded].length < 3 ? ` ${folded}` : folded;
}

/** The LIKE pattern that finds a query in such a text. */
export const searchPattern = (query: string): string => `%${foldedQuery(query).replace(/[\\%_]/g, '\\$&')}%`;

/** Whether a query finds a place with these names. */
export const matchesSearch = (names: readonly string[], query: string): boolean =>
  searchText(names).includes(foldedQuery(query));
