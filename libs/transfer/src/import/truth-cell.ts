// A truth value as programs write it: spreadsheets use the words of their language.
const TRUE: ReadonlySet<string> = new Set([
  'true',
  't',
  'yes',
  'y',
  '1',
  '1.0',
  'on',
  'wahr',
  'vrai',
  'verdadero',
  'verdadeiro',
  'vero',
  'prawda',
  'истина',
  'істина',
  'да',
  'так',
]);
const FALSE: ReadonlySet<string> = new Set([
  'false',
  'f',
  'no',
  'n',
  '0',
  '0.0',
  'off',
  'falsch',
  'faux',
  'falso',
  'fałsz',
  'ложь',
  'хибність',
  'нет',
  'ні',
  '',
]);

/** The value of a cell; undefined if it is neither true nor false. An empty cell is false. */
export function truthOf(cell: string): boolean | undefined {
  const word = cell.trim().toLowerCase();
  return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined;
}
