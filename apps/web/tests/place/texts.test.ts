import { describe, expect, it } from '@jest/globals';
import { type Message, messagesOf } from './spoken.js';

const [english, ukrainian] = [messagesOf('en'), messagesOf('uk')];
const formsOf = (message: Message) => (typeof message === 'string' ? [message] : Object.values(message));
const valuesOf = (message: Message) =>
  [...new Set(formsOf(message).flatMap((form) => form.match(/\{\w+\}/g) ?? []))].toSorted();

describe('the texts of the page', () => {
  it('are complete in Ukrainian', () => {
    expect(Object.keys(ukrainian).toSorted()).toEqual(Object.keys(english).toSorted());
  });

  it('have the same values in both languages', () => {
    for (const [id, message] of Object.entries(english))
      expect([id, valuesOf(ukrainian[id]!)]).toEqual([id, valuesOf(message)]);
  });

  it('have every form that a number takes', () => {
    for (const [language, messages] of Object.entries({ en: english, uk: ukrainian })) {
      const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
      for (const [id, message] of Object.entries(messages))
        if (typeof message !== 'string') expect([id, Object.keys(message).toSorted()]).toEqual([id, forms]);
    }
  });
});
