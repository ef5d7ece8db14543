// The form of other people's words in the cells of our own CSV: what an export writes, an import reads back.

// Where a spreadsheet may begin a cell: at the beginning of the text, on each line, and after a separator other than the
// file's if it is opened with that; also after a quote, which then begins a quoted cell.
const BEGINNING = '(^|[,;\\t\\n\\v\\f\\r\\x85\\u2028\\u2029])([ "\\xA0]*)';

// Characters that begin a formula there, including the wide forms of East Asia; after an apostrophe they are text. An
// apostrophe that is there already is doubled, so that exactly one can be removed again.
const SIGNS = "['=+\\-@\\uFF1D\\uFF0B\\uFF0D\\uFF20]";

const SIGN = new RegExp(SIGNS);
const BARE = new RegExp(`${BEGINNING}(?=${SIGNS})`, 'g');
const GUARDED = new RegExp(`${BEGINNING}'(?=${SIGNS})`, 'g');

/** The text with an apostrophe before everything in it that a spreadsheet would run. */
export const guarded = (text: string): string => (SIGN.test(text) ? text.replace(BARE, "$1$2'") : text);

/** The inverse of `guarded`. */
export const unguarded = (cell: string): string => cell.replace(GUARDED, '$1$2');

/** Several texts in one cell; one that contains the separator is restored unchanged. */
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
