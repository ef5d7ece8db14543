import { signal } from '@preact/signals';
import en from './en.json';

/** A text, or the forms of one that depend on its number `n` (CLDR plural categories). */
type Message = string | Partial<Record<Intl.LDMLPluralRule, string>>;
export type MessageId = keyof typeof en;
type Messages = Readonly<Record<MessageId, Message>>;
export type Values = Readonly<Record<string, string | number>>;

/** Another language is a file beside this one, and a line here. */
const LOADERS: Readonly<Record<string, () => Promise<{ default: Partial<Messages> }>>> = {
  en: () => Promise.resolve({ default: en }),
  uk: () => import('./uk.json'),
};

/** The languages of the page, each with its own name. */
export const LANGUAGES = Object.keys(LOADERS).map((code) => ({
  code,
  name: new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code,
}));

const KEPT = 'claimline-language';

const messages = signal<Messages>(en);
export const language = signal('en');

/** The language asked for, by the address, by an earlier choice, or by the browser; English otherwise. */
export function preferredLanguage(asked: string | undefined): string {
  const wanted = [asked, localStorage.getItem(KEPT) ?? undefined, ...navigator.languages];
  const codes = wanted.map((tag) => tag?.toLowerCase().split('-')[0]);
  return codes.find((code) => code !== undefined && Object.hasOwn(LOADERS, code)) ?? 'en';
}

/** Shows the page in a language of the list. What it lacks stays English. */
export async function showIn(code: string, { keep = false } = {}): Promise<void> {
  const { default: loaded } = await LOADERS[code]!();
  messages.value = { ...en, ...loaded };
  language.value = code;
  document.documentElement.lang = code;
  if (keep) localStorage.setItem(KEPT, code);
}

/** A text of the page, with `{name}` replaced by values. Its form is chosen by the value `n`. */
export function t(id: MessageId, values: Values = {}): string {
  return filled(messages.value[id], values, language.value);
}

/** The text of an id that is made from data, as of a rule or a flag; undefined where there is none. */
export const maybe = (id: string, values: Values = {}): string | undefined =>
  Object.hasOwn(messages.value, id) ? t(id as MessageId, values) : undefined;

function filled(message: Message, values: Values, code: string): string {
  const text =
    typeof message === 'string'
      ? message
      : (message[new Intl.PluralRules(code).select(Number(values['n'] ?? 0))] ?? message.other ?? '');
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? new Intl.NumberFormat(code).format(value) : (value ?? whole);
  });
}

/** Names in a row, as the language joins them: "Russia, DNR and Ukraine". */
export const listed = (items: readonly string[]): string =>
  new Intl.ListFormat(language.value, { type: 'conjunction' }).format(items);
