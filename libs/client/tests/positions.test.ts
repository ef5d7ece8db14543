import { describe, expect, test } from '@jest/globals';
import { formatToken, parseToken } from '#libs/domain';
import { EpochChanged, EventsMissing } from '#libs/client';
import { Positions } from '../src/reading/positions.js';

const positions = (after = '') => new Positions(parseToken(after)!, true);
const take = (of: Positions, position: number, epoch = 0, digest = `${position} of ${epoch}`) =>
  of.take({ shard: 0, position, epoch, digest });

/** The token that a reader is told to go on from. */
function changed(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof EpochChanged) return error.token;
    throw error;
  }
  return undefined;
}

describe('the positions of a reader', () => {
  test('a repeat is passed over', () => {
    const reader = positions();
    expect([take(reader, 1), take(reader, 2), take(reader, 1), take(reader, 2), take(reader, 3)]).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
  });

  test('another event at a position that was delivered is no repeat', () => {
    const reader = positions();
    for (const position of [1, 2, 3]) take(reader, position);
    expect(changed(() => take(reader, 2, 0, 'another'))).toBe('0:1');
  });

  test('an event of a later epoch at a position that was delivered: the log has gone back behind it', () => {
    const reader = positions('0:90');
    for (let position = 91; position <= 100; position++) take(reader, position);
    expect(changed(() => take(reader, 91, 20))).toBe('0:90~20');
  });

  test('a reader goes on from there: it passes over what is lost, and takes every new event', () => {
    const reader = positions('0:90~20');
    for (let position = 91; position <= 100; position++) expect(take(reader, position)).toBe(false);
    for (let position = 91; position <= 105; position++) expect(take(reader, position, 20)).toBe(true);
    expect(formatToken(reader.token)).toBe('0:105~20');
  });

  test('a later epoch that took nothing goes on without a word', () => {
    const reader = positions('0:89');
    expect([take(reader, 90), take(reader, 91, 20), take(reader, 90), take(reader, 92, 20)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  test('a reader that resumes asks for the last event again, where it can compare it', () => {
    const reader = positions('0:90,1:7~20');
    expect(formatToken(reader.overlapping)).toBe('0:90,1:7~20');
    take(reader, 91);
    take(reader, 92);
    expect(formatToken(reader.overlapping)).toBe('0:91,1:7~20');
    expect(take(reader, 92)).toBe(false);
  });

  test('another event in the place of the last one: it goes on from the first that it can compare', () => {
    const reader = positions('0:90,1:7~20');
    for (const position of [91, 92, 93]) take(reader, position);
    expect(changed(() => take(reader, 93, 0, 'another'))).toBe('0:90,1:7~20');
    expect(changed(() => take(reader, 93, 30))).toBe('0:90,1:7~20');
  });

  test('a gap is a loss, in any epoch', () => {
    const reader = positions('0:90~20');
    expect(() => take(reader, 92, 20)).toThrow(EventsMissing);
  });
});
