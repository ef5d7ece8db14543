import { signal } from '@preact/signals';
import type operations from './en/operations.json';
import type place from './en/place.json';
import type reading from './en/reading.json';
import type session from './en/session.json';
import shell from './en/shell.json';
import type take from './en/take.json';

/** A text, or the forms of one that depend on its number `n` (CLDR plural categories). */
type Message = string | Partial<Record<Intl.LDMLPluralRule, string>>;
export type MessageId = keyof (typeof shell &
  typeof place &
  typeof reading &
  typeof take &
  typeof session &
  typeof operations);
type Messages = Readonly<Partial<Record<MessageId, Message>>>;
export type Values = Readonly<Record<string, string | number>>;

/** What a view says, beside what the shell and the first view say. */
export type Part = 'shell' | 'place' | 'reading' | 'take' | 'session' | 'operations';

/** Another language is a folder beside these, with a file for each part. */
const FILES = import.meta.glob<{ default: Messages }>(['./*/*.json', '!./en/shell.json']);

/** The languages of the page, each with its own name. */
export const LANGUAGES = [...new Set(Object.keys(FILES).map((file) => file.split('/')[1]!))].map((code) => ({
  code,
  name: new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code,
}));

const KEPT = 'claimline-language';

const messages = signal<Messages>(shell);
const loaded = new Set<Part>(['shell']);
export const language = signal('en');

/** The language asked for, by the address, by an earlier choice, or by the browser; English otherwise. */
export function preferredLanguage(asked: string | undefined): string {
  const wanted = [asked, localStorage.getItem(KEPT) ?? undefined, ...navigator.languages];
  const codes = wanted.map((tag) => tag?.toLowerCase().split('-')[0]);
  return codes.find((code) => LANGUAGES.some((one) => one.code === code)) ?? 'en';
}

/** Shows the page in a language of the list. What it lacks stays English. */
export async function showIn(code: string, { keep = false } = {}): Promise<void> {
  const all = await Promise.all([...loaded].map((part) => textsOf(code, part)));
  messages.value = Object.assign({}, ...all) as Messages;
  language.value = code;
  document.documentElement.lang = code;
  if (keep) localStorage.setItem(KEPT, code);
}

/** Loads what a view says, before it is shown. */
export async function loadTexts(...parts: readonly Part[]): Promise<void> {
  for (const part of parts) {
    if (loaded.has(part)) continue;
    const texts = await textsOf(language.value, part);
    loaded.add(part);
    messages.value = { ...messages.value, ...texts };
  }
}

async function textsOf(code: string, part: Part): Promise<Messages> {
  const read = async (one: string) =>
    one === 'en' && part === 'shell' ? shell : (await FILES[`./${one}/${part}.json`]?.())?.default;
  const [english, own] = await Promise.all([read('en'), code === 'en' ? undefined : read(code)]);
  return { ...english, ...own };
}

/** A text of the page, with `{name}` replaced by values. Its form is chosen by the value `n`. */
export function t(id: MessageId, values: Values = {}): string {
  return filled(messages.value[id] ?? id, values, language.value);
}

/** The text of an id that is made from data, as of a rule or a flag; undefined where there is none. */
export const maybe = (id: string, values: Values = {}): string | undefined =>
  Object.hasOwn(messages.value, id) ? t(id as MessageId, values) : undefined;

function filled(message: Message, values: Values, code: string): string {
  const text =
    typeof message === 'string'
      ? message
      : (message[
          madeOnce(`plural ${code}`, () => new Intl.PluralRules(code)).select(Number(values['n'] ?? 0))
        ] ??
        message.other ??
        '');
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return typeof value === 'number'
      ? madeOnce(`number ${code}`, () => new Intl.NumberFormat(code)).format(value)
      : (value ?? whole);
  });
}

/** Names in a row, as the language joins them: "Russia, DNR and Ukraine". */
export const listed = (items: readonly string[]): string =>
  madeOnce(
    `list ${language.value}`,
    () => new Intl.ListFormat(language.value, { type: 'conjunction' }),
  ).format(items);

const made = new Map<string, unknown>();

/** A formatter of Intl, kept: to make one takes longer than to draw a row of the list. */
export function madeOnce<T>(key: string, make: () => T): T {
  if (!made.has(key)) made.set(key, make());
  return made.get(key) as T;
}
