import { expect, it } from '@jest/globals';
import { isWithin, messagesIn } from '../src/live/messages.js';

it('reads messages as they come, in pieces of any size', () => {
  const text =
    'id: 1.2\n\nid: 1.3\nevent: claim\ndata: {"a":"b: c"}\n\nid: 1.3\nevent: state\ndata: {}\n\nid: 1.4\n\n';
  const whole = messagesIn(text);
  expect(whole).toEqual({
    messages: [
      { id: '1.2' },
      { id: '1.3', event: 'claim', data: '{"a":"b: c"}' },
      { id: '1.3', event: 'state', data: '{}' },
      { id: '1.4' },
    ],
    rest: '',
  });
  for (let size = 1; size < text.length; size++) {
    const found = [];
    let rest = '';
    for (let at = 0; at < text.length; at += size) {
      const read = messagesIn(rest + text.slice(at, at + size));
      found.push(...read.messages);
      ({ rest } = read);
    }
    expect(found).toEqual(whole.messages);
  }
});

it.each([
  ['0:5,5:2', '0:5,1:0,5:2', true],
  ['0:5,5:2', '0:4,5:9', false],
  ['3:1', '0:5', false],
  ['0:0', '', true],
  ['0:5.new', '0:9.new', false],
])('what %s has seen was seen by %s: %s', (token, other, expected) => {
  expect(isWithin(token, other)).toBe(expected);
});
