import { describe, expect, it } from '@jest/globals';
import { languages, type Message, messagesOf, partsOf } from './all-texts.js';

const english = messagesOf('en');

const textsOf = (message: Message) => (typeof message === 'string' ? [message] : Object.values(message));
const valuesOf = (message: Message) =>
  [
    ...new Set(textsOf(message).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!))),
  ].toSorted();

describe.each(languages)('%s', (code) => {
  const messages = messagesOf(code);

  it('has its texts in the same files', () => expect(partsOf(code)).toEqual(partsOf('en')));

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
