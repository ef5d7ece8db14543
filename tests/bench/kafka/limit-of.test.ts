import { describe, expect, it } from '@jest/globals';
import { limitOf, type Scaled } from './limit-of.js';

const one = (processes: number, perSecond: number, of: Partial<Scaled> = {}): Scaled => ({
  processes,
  perSecond,
  nodeCores: processes / 2,
  busyCores: processes,
  doing: new Map(),
  ...of,
});

describe('where more processes are no faster', () => {
  it('is not reached while each step brings a tenth more', () => {
    expect(limitOf([one(1, 1000), one(2, 1900), one(4, 2100)], 16)).toBe('not by 4');
  });

  it('is where the next step brings less, because all cores are busy', () => {
    expect(limitOf([one(1, 1000, { busyCores: 1.5 }), one(2, 1020, { busyCores: 1.9 })], 2)).toBe(
      'at 1 (2: 1.02 times): all cores of the machine are busy (1.9 of 2)',
    );
  });

  it('is told by what sessions wait for where cores are free', () => {
    const waiting = {
      doing: new Map([
        ['Client:ClientRead', 0.5],
        ['Lock:transactionid', 0.4],
        ['running', 0.1],
      ]),
    };
    expect(limitOf([one(1, 1000), one(2, 1800), one(4, 1700, waiting)], 16)).toBe(
      'at 2 (4: 0.94 times): sessions wait, most for Lock:transactionid',
    );
  });

  it('is Node where each process keeps its thread busy, and PostgreSQL where its sessions work', () => {
    expect(limitOf([one(1, 1000), one(2, 1000, { nodeCores: 1.9 })], 16)).toContain('threads of Node');
    expect(limitOf([one(1, 1000), one(2, 1000, { doing: new Map([['running', 1]]) })], 16)).toContain(
      'PostgreSQL',
    );
  });
});
