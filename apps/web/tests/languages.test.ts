import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

type Message = string | Record<string, string>;

const folder = join(import.meta.dirname, '../src/language');
const messagesOf = (file: string) =>
  JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, Message>;
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
const english = messagesOf('en.json');

const textsOf = (message: Message) => (typeof message === 'string' ? [message] : Object.values(message));
const valuesOf = (message: Message) =>
  [
    ...new Set(textsOf(message).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!))),
  ].toSorted();

describe.each(files)('%s', (file) => {
  const code = file.replace('.json', '');
  const messages = messagesOf(file);

  it('says all that the page says, and nothing else', () => {
    expect(Object.keys(messages).toSorted()).toEqual(Object.keys(english).toSorted());
    expect(Object.values(messages).flatMap(textsOf)).not.toContain('');
  });

  it('has the forms of numbers that its language has', () => {
    const forms = new Intl.PluralRules(code).resolvedOptions().pluralCategories.toSorted();
    for (const [id, message] of Object.entries(messages))
      if (typeof message !== 'string') expect([id, Object.keys(message).toSorted()]).toEqual([id, forms]);
  });

  it('uses the same values as the English text', () => {
    for (const [id, message] of Object.entries(messages))
      expect([id, valuesOf(message)]).toEqual([id, valuesOf(english[id]!)]);
  });
});
