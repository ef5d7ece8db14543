/**
 * The version of `fold`. A store records the version its names were folded with; where it differs, they are folded again.
 * Version 1 removed every combining mark, among them the vowels of Burmese and Hindi.
 */
export const FOLD = 2;

/**
 * The form in which names of places, parties and speakers are compared (docs/domain.md, "Names, folded"). Never shown, only
 * compared. Idempotent. A name of combining marks alone, of which nothing would be left, is compared as it is.
 */
export function fold(text: string): string {
  if (PLAIN.test(text))
    return spaced(text.toLowerCase().replaceAll('`', "'").replace(QUOTES_BETWEEN_LETTERS, "'"));
  // Apostrophes come before the decomposition: it would turn an acute accent or a double prime into something else.
  const letters = lower(
    apostrophes(text.replace(DOUBLE_PRIMES, '"')).normalize('NFKD').replace(MARKS_OF_EUROPE, ''),
  ).normalize('NFKD');
  const folded = spaced(
    apostrophes(letters)
      .replace(INVISIBLE, '')
      .replace(HYPHENS, '-')
      .replace(MARKS, '')
      .replace(MARKS_OF_EUROPE, '')
      .replace(QUOTES_BETWEEN_LETTERS, "'")
      .replace(SAME_LETTER, (letter) => LETTERS.get(letter)!)
      .replace(ARMENIAN_EW, 'եվ')
      .replace(WORD, withoutLookalikes)
      .normalize('NFC'),
  );
  return folded === '' ? text.normalize('NFC').trim() : folded;
}

/** Whether a text has no visible character. */
export const isInvisible = (text: string): boolean =>
  !VISIBLE_ASCII.test(text) && text.replace(INVISIBLE, '').trim() === '';
const VISIBLE_ASCII = /[\x21-\x7E]/;

/** Printable ASCII, as most names are: in NFC, and only case, spaces and apostrophes need folding. */
export const PLAIN = /^[\x20-\x7E]+$/;

/**
 * Through upper case, which unites letters that lower case keeps apart (ß and SS, ς and σ); from lower case, because ẞ is
 * its own upper case.
 */
const lower = (text: string): string => text.toLowerCase().toUpperCase().toLowerCase();

const spaced = (text: string): string => text.replace(/\s+/g, ' ').trim();

const APOSTROPHES = /[\u2019\u02BC\u2018\u201B`\u00B4\u2032\u02B9\u02BB\u02BE\u02BF\u05F3]/g;
const apostrophes = (text: string): string => text.replace(APOSTROPHES, "'");
const DOUBLE_PRIMES = /[\u2033\uFF02]/g;
const QUOTES_BETWEEN_LETTERS = /(?<=[\p{L}\p{M}])["\u201C-\u201F\u02BA\u05F4](?=\p{L})/gu;

/** Characters without a width (Cf, and those that Unicode lets a display ignore), and the line that only stretches an Arabic word. */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u0640]+/gu;

const HYPHENS = /[\u2010-\u2013\u2212\u05BE]/g;

/** Cyrillic titlos, Hebrew points, Arabic harakat with hamza and madda. */
const MARKS = /[\u0483-\u0487\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u064B-\u0655\u0670]+/g;
/** In other scripts a combining mark is a letter: vowels of Burmese, Indic and Khmer scripts, the voicing of kana. */
const MARKS_OF_EUROPE = /(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])[\u0300-\u036F]+/gu;

/** Letters that are typed for each other, and the sigma whose lower case depends on what follows. */
const LETTERS = new Map(
  Object.entries({ ς: 'σ', ی: 'ي', ک: 'ك', ٱ: 'ا', ł: 'l', đ: 'd', ø: 'o', ħ: 'h', '\u04D9': '\u0259' }),
);
const SAME_LETTER = new RegExp(`[${[...LETTERS.keys()].join('')}]`, 'g');
/** The ligature և is taken apart as եւ; today's spelling writes եվ. */
const ARMENIAN_EW = /եւ/g;

const WORD = /[\p{L}\p{M}']+/gu;
const LATIN = /\p{Script=Latin}/u;
const CYRILLIC = /\p{Script=Cyrillic}/u;
const LATIN_ALIKE = 'abcehijkmopstxy';
const CYRILLIC_ALIKE = 'авсеніјкморѕтху';
const toCyrillic = new Map([...LATIN_ALIKE].map((letter, at) => [letter, CYRILLIC_ALIKE[at]!]));
const toLatin = new Map([...CYRILLIC_ALIKE].map((letter, at) => [letter, LATIN_ALIKE[at]!]));

/** A word of two scripts was mistyped if all letters of the one look like letters of the other: it belongs to the other. */
function withoutLookalikes(word: string): string {
  if (!LATIN.test(word) || !CYRILLIC.test(word)) return word;
  const cyrillic = replaced(word, toCyrillic);
  if (!LATIN.test(cyrillic)) return cyrillic;
  const latin = replaced(word, toLatin);
  return CYRILLIC.test(latin) ? word : latin;
}

const replaced = (word: string, letters: ReadonlyMap<string, string>): string =>
  [...word].map((letter) => letters.get(letter) ?? letter).join('');
