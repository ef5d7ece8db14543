import { isolated } from '../language/isolated.js';

/** A text that is not in a language yet: a message's id and what stands in it. Logic makes phrases; `say` puts them into words. */
export interface Phrase {
  id: string;
  values?: Readonly<Record<string, PhraseValue>>;
}

export type PhraseValue =
  | string
  | number
  | Phrase
  /** Several, joined as the language does. */
  | readonly PhraseValue[]
  /** A side or party, as the subject of a clause. */
  | { party: string }
  /** The same by its name alone. */
  | { label: string }
  /** A name as it was given, in any script. */
  | { name: string }
  /** A time; without a precision, the start of a day in UTC is the day. */
  | { at: string; precision?: string | undefined };

/** What a language brings to a phrase. */
export interface Words {
  /** The text of a message; undefined where there is none. */
  text(id: string, values: Readonly<Record<string, string | number>>): string | undefined;
  list(items: readonly string[]): string;
  party(id: string): string;
  label(id: string): string;
  time(at: string, precision?: string): string;
}

/** The words of a phrase. */
export function wordsOf({ id, values = {} }: Phrase, words: Words): string {
  const worded = (value: PhraseValue): string | number => {
    if (typeof value !== 'object') return value;
    if (isList(value)) return words.list(value.map((one) => String(worded(one))));
    if ('id' in value) return wordsOf(value, words);
    if ('party' in value) return words.party(value.party);
    if ('label' in value) return words.label(value.label);
    return 'name' in value ? isolated(value.name) : words.time(value.at, value.precision);
  };
  return (
    words.text(id, Object.fromEntries(Object.entries(values).map(([key, value]) => [key, worded(value)]))) ??
    id
  );
}

const isList = (value: object): value is readonly PhraseValue[] => Array.isArray(value);

/** With its first letter as at the beginning of a sentence; a name stays as it was given. */
export const sentence = (text: string): string =>
  text.replace(/^\P{L}*\p{L}/u, (first) => (first.includes('\u2068') ? first : first.toLocaleUpperCase()));
