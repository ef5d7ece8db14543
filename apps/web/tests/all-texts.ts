import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Message = string | Record<string, string>;

const folder = join(import.meta.dirname, '../src/language');

/** The languages that the page has. */
export const languages = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

export const partsOf = (language: string): string[] => readdirSync(join(folder, language)).toSorted();

/** All texts of a language. @throws Error where two of its files have one of the same name */
export function messagesOf(language: string): Record<string, Message> {
  const all: Record<string, Message> = {};
  for (const file of partsOf(language)) {
    const part = JSON.parse(readFileSync(join(folder, language, file), 'utf8')) as Record<string, Message>;
    const twice = Object.keys(part).filter((id) => Object.hasOwn(all, id));
    if (twice.length > 0) throw new Error(`${file} says again: ${twice.join(', ')}`);
    Object.assign(all, part);
  }
  return all;
}
