import { describe, expect, test } from '@jest/globals';
import { requestOf } from '../src/requests/request.js';

const ORIGIN = { topic: 'claimline.statements', partition: 3, offset: '7' };
const value = Buffer.from('{"stance":"assert","by":"worker-7"}');
const voided = Buffer.from('{"statementId":"3f0c2b1e-6a51-4c57-9d0e-8a4f5b6c7d80","reason":"twice"}');

describe('who sends a message', () => {
  const byTopic = { signature: 'claimline.statements', isNamed: false };

  test.each([
    ['no header', undefined, byTopic],
    ['a header', 'Desk 2', { signature: 'Desk 2', isNamed: true }],
    ['a header of bytes', Buffer.from('Zürich'), { signature: 'Zürich', isNamed: true }],
    ['several headers', ['first', 'second'], { signature: 'first', isNamed: true }],
    ['an empty header', '  ', byTopic],
    ['a header with a line break', 'one\ntwo', { signature: 'one\\u000atwo', isNamed: true }],
    ['a long header', 'x'.repeat(300), { signature: `${'x'.repeat(199)}…`, isNamed: true }],
  ])('is what a header says where producers are trusted: %s', (_, by, expected) => {
    const headers = by === undefined ? {} : { by };
    expect(requestOf({ value, headers }, ORIGIN, true)).toMatchObject({ kind: 'statement', ...expected });
  });

  test.each([false, undefined])('is the topic where they are not (%s), whatever a header says', (trusted) => {
    const headers = { by: 'Desk 2' };
    expect(requestOf({ value, headers }, ORIGIN, trusted)).toMatchObject(byTopic);
    expect(
      requestOf({ value: voided, headers: { ...headers, command: 'void' } }, ORIGIN, trusted),
    ).toMatchObject({ kind: 'void', ...byTopic });
  });

  test('is no part of what a command is known by', () => {
    const command = (by: string) =>
      requestOf({ value: voided, headers: { by, command: 'void' } }, ORIGIN, true) as { eventId: string };
    expect(command('Desk 1').eventId).toBe(command('Desk 2').eventId);
  });
});

test('given a message that gives a name twice, when it is read, then it is rejected by that name, as a command too', () => {
  const twice = Buffer.from('{"stance":"assert","stance":"deny"}');
  for (const headers of [{}, { command: 'void' }])
    expect(requestOf({ value: twice, headers }, ORIGIN)).toEqual({
      kind: 'wrong',
      rejection: { code: 'message-malformed', detail: 'the value gives /stance twice' },
    });
});
