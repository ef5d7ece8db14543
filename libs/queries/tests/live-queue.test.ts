import { describe, expect, it } from '@jest/globals';
import { Epochs } from '#libs/domain';
import { LiveQueue } from '../src/changes/live-queue.js';
import { positionAt, type LiveSegment } from '../src/changes/live-batch.js';

const NEVER = new AbortController().signal;
const at = (position: number) => positionAt(new Map([[0, position]]), new Epochs());
const queueOf = (limits = { messages: 4, length: 100 }) => new LiveQueue(at(0), {}, limits);

/** A segment with messages of some length, up to a position. */
const segment = (position: number, messages: number, length = messages): LiveSegment => ({
  pieces:
    messages === 0 ? [] : [Array.from({ length: messages }, () => ({ id: '', event: 'claim', data: '' }))],
  messages,
  length,
  to: at(position),
});

describe('the queue of a stream', () => {
  it('gives segments in their order, and its position when nothing comes', async () => {
    const queue = queueOf();
    const first = queue.next(1000, NEVER);
    queue.push(segment(1, 1));
    queue.push(segment(2, 2));
    expect([await first, await queue.next(0, NEVER)]).toEqual([segment(1, 1), segment(2, 2)]);
    queue.push(segment(7, 0));
    expect(await queue.next(0, NEVER)).toEqual(segment(7, 0));
  });

  it('takes what was skipped as reached with the messages before it', async () => {
    const queue = queueOf();
    queue.push(segment(1, 1));
    queue.push(segment(9, 0));
    expect(await queue.next(0, NEVER)).toEqual({ ...segment(1, 1), to: at(9) });
    expect(queue.position).toEqual(at(9));
  });

  it.each([
    ['messages', 1],
    ['their length', 40],
  ])('ends empty where too much would wait (%s)', async (_, length) => {
    const queue = queueOf();
    expect(queue.push(segment(1, 2, 2 * length))).toBe(true);
    expect(queue.push(segment(2, length === 1 ? 3 : 1, 2 * length))).toBe(false);
    expect(await queue.next(1000, NEVER)).toBeUndefined();
  });

  it('counts only what waits, and takes one segment of any size', async () => {
    const queue = queueOf();
    for (let position = 1; position < 20; position++) {
      expect(queue.push(segment(position, 50, 5000))).toBe(true);
      expect(await queue.next(0, NEVER)).toEqual(segment(position, 50, 5000));
    }
  });

  it('passes an error on, and ends a wait with the signal', async () => {
    const queue = queueOf();
    const leaving = new AbortController();
    const waiting = queue.next(60_000, leaving.signal);
    leaving.abort();
    expect(await waiting).toEqual(segment(0, 0));
    const failing = queue.next(60_000, NEVER);
    queue.fail(new Error('unreadable'));
    await expect(failing).rejects.toThrow('unreadable');
  });
});
