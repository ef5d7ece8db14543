// How other people's words stand in the cells of our own CSV: exports write them (libs/replay), imports read them (libs/intake).

// Where a spreadsheet may begin a cell: where the text begins, on each of its lines, and, opened with another separator
// than the file's, after that; also behind a quote, which it then takes for the beginning of a cell in quotes.
const BEGINNING = '(^|[,;\\t\\n\\v\\f\\r\\x85\\u2028\\u2029])([ "\\xA0]*)';

// What a spreadsheet takes for a formula there, the wide forms of East Asia among them; after an apostrophe it is text. Where
// there is an apostrophe already it gets another, so that exactly one can be taken away again.
const SIGNS = "['=+\\-@\\uFF1D\\uFF0B\\uFF0D\\uFF20]";

const SIGN = new RegExp(SIGNS);
const BARE = new RegExp(`${BEGINNING}(?=${SIGNS})`, 'g');
const GUARDED = new RegExp(`${BEGINNING}'(?=${SIGNS})`, 'g');

/** The text with an apostrophe before everything in it that a spreadsheet would run. */
export const guarded = (text: string): string => (SIGN.test(text) ? text.replace(BARE, "$1$2'") : text);

/** What `guarded` made of a text, back. */
export const unguarded = (cell: string): string => cell.replace(GUARDED, '$1$2');

/** Several texts in one cell; one that has the separator in it comes back whole. */
export const listCell = (items: readonly string[]): string =>
  items.length === 0
    ? ''
    : items.map((item) => (SEPARATING.test(item) ? item.replace(/[\\;]/g, '\\$&') : item)).join('; ');

const SEPARATING = /[\\;]/;

/** The texts of a cell that `listCell` made. */
export const itemsOfCell = (cell: string): string[] =>
  (cell.match(/(?:[^\\;]|\\[^])+/g) ?? [])
    .map((item) => item.trim().replace(/\\([^])/g, '$1'))
    .filter((item) => item !== '');
