import { fold } from '#libs/domain';

const NO_LETTERS = /[^\p{L}\p{N}]+/gu;

/**
 * The text in which a place is searched by its names: folded, each word after a space. Names with hyphens and the like
 * stand there twice, as they are and word by word.
 */
export function searchText(names: readonly string[]): string {
  const folded = names.map(fold);
  return [...new Set([...folded, ...folded.map((name) => name.replace(NO_LETTERS, ' ').trim())])].map((name) => ` ${name}`).join('\n');
}

/** What a query comes to in such a text: part of it; of one or two characters the start of a word. */
function sought(query: string): string {
  const folded = fold(query);
  return [...folded].length < 3 ? ` ${folded}` : folded;
}

/** The LIKE pattern that finds a query in such a text. */
export const searchPattern = (query: string): string => `%${sought(query).replace(/[\\%_]/g, '\\$&')}%`;

/** Whether a place with these names is found by a query. */
export const matchesSearch = (names: readonly string[], query: string): boolean => searchText(names).includes(sought(query));
