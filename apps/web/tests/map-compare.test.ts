import { describe, expect, it } from '@jest/globals';
import type { Status } from '../src/api/answers.js';
import { kindsOf } from '../src/compare/joined.js';
import type { Row } from '../src/home/rows.js';

const row = (
  id: string,
  status: Status,
  claims: [holder: string, claiming: string[], denying?: string[]][] = [],
): Row => ({
  id,
  name: `Place ${id}`,
  position: null,
  isReported: false,
  status,
  since: null,
  lastSaid: null,
  claims: claims.map(([holder, claiming, denying = []]) => ({ holder, claiming, denying, conceding: [] })),
  flags: [],
  region: null,
});

/** Each kind as a line: what it was and is, and which places. */
const told = (kinds: ReturnType<typeof kindsOf>) =>
  kinds.map(({ from, to, places }) => `${from} > ${to}: ${places.map(({ id }) => id).join(' ')}`);

describe('two maps', () => {
  const a = [
    row('1', 'claimed', [['russia', ['russia']]]),
    row('2', 'claimed', [['russia', ['russia']]]),
    row('3', 'claimed', [['ukraine', ['ukraine']]]),
    row('4', 'contested', [['ukraine', ['ukraine'], ['russia']]]),
    row('5', 'denied'),
  ];

  it('differ where a status does, by kind of change, most first', () => {
    const b = [
      row('2', 'contested', [['russia', ['russia'], ['ukraine']]]),
      row('1', 'contested', [['russia', ['russia'], ['ukraine']]]),
      row('3', 'conceded', [['ukraine', ['ukraine', 'russia']]]),
      a[3]!,
      a[4]!,
    ];
    expect(told(kindsOf(a, b))).toEqual(['claimed > contested: 1 2', 'claimed > conceded: 3']);
    expect(told(kindsOf(b, a))).toEqual(['contested > claimed: 1 2', 'conceded > claimed: 3']);
  });

  it('differ where others claim it, or deny it, though the status is the same', () => {
    const b = [
      a[0]!,
      row('2', 'claimed', [['ukraine', ['ukraine']]]),
      a[2]!,
      row('4', 'contested', [['ukraine', ['ukraine'], ['wagner']]]),
      a[4]!,
    ];
    expect(told(kindsOf(a, b))).toEqual(['claimed > claimed: 2', 'contested > contested: 4']);
  });

  it('have places that only one of them knows', () => {
    expect(told(kindsOf(a.slice(0, 2), a.slice(1, 3)))).toEqual(['claimed > null: 1', 'null > claimed: 3']);
  });

  it('are the same in whichever order their places and holders come', () => {
    const both = row('6', 'contested', [
      ['russia', ['russia']],
      ['ukraine', ['ukraine']],
    ]);
    const turned = { ...both, claims: both.claims.toReversed() };
    expect(kindsOf([...a, both], [turned, ...a.toReversed()])).toEqual([]);
    expect(kindsOf([], [])).toEqual([]);
  });
});
