import { expect, it } from '@jest/globals';
import { messagesIn } from '../src/live/messages.js';

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
