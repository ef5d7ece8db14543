import { describe, expect, test } from '@jest/globals';
import { Epochs, formatToken, parseToken, type Epoch } from '#libs/domain';

const epoch = (number: number, forks: [number, number][]): Epoch => ({
  epoch: number,
  openedAt: '2026-11-29T10:00:00.000Z',
  reason: 'a test',
  forks: new Map(forks),
  confirmedAt: null,
});

/** What a reader with a token is told. */
const told = (epochs: Epochs, text: string): string | undefined => {
  const goOn = epochs.goOn(parseToken(text)!);
  return goOn && formatToken(goOn);
};

describe('a token', () => {
  test.each(['', '3:1042', '0:0,3:1042', '3:1042~479520', '0:5,3:1042~479520,4:7~479521'])(
    'is read as it was written: %s',
    (text) => {
      expect(formatToken(parseToken(text)!)).toBe(text);
    },
  );

  test.each(['3:1042~', '3:1042~0', '3:1042~01', '~2', '3~2:1042', '3:1042~2~3', '3:1042~1234567890123'])(
    'is not %s',
    (text) => {
      expect(parseToken(text)).toBeUndefined();
    },
  );
});

describe('the epochs of a log', () => {
  const first = new Epochs();
  const gone = new Epochs([
    epoch(20, [
      [0, 90],
      [1, 50],
    ]),
  ]);

  test('that never went back: no token is refused, and none names an epoch', () => {
    expect(first.present).toBe(0);
    expect(first.goOn(parseToken('0:100,1:60')!)).toBeUndefined();
    expect(first.format(new Map([[0, 100]]))).toBe('0:100');
  });

  test('a token that ends at the fork or before it stays valid; one beyond it is told where to go on', () => {
    expect(told(gone, '0:90,1:50')).toBeUndefined();
    expect(told(gone, '0:95,1:40')).toBe('0:90~20,1:40');
    expect(told(gone, '0:95~20,1:40')).toBeUndefined();
    expect(told(gone, '')).toBeUndefined();
  });

  test('the token to go on from is a valid one', () => {
    expect(told(gone, told(gone, '0:95,1:60')!)).toBeUndefined();
  });

  test('a token names the epoch of each position', () => {
    expect(
      gone.format(
        new Map([
          [0, 90],
          [1, 51],
        ]),
      ),
    ).toBe('0:90,1:51~20');
  });

  test('of two epochs: what the first had beyond the second is lost too', () => {
    const twice = new Epochs([epoch(20, [[0, 90]]), epoch(30, [[0, 95]]), epoch(40, [[0, 93]])]);
    expect([90, 91, 93, 94, 99].map((position) => twice.of(0, position))).toEqual([0, 20, 20, 40, 40]);
    expect(told(twice, '0:91')).toBe('0:90~20');
    expect(told(twice, '0:93~20')).toBeUndefined();
    expect(told(twice, '0:94~20')).toBe('0:93~40');
    expect(told(twice, '0:99~30')).toBe('0:93~40');
    expect(told(twice, '0:99~40')).toBeUndefined();
  });

  test('an epoch that the log has lost itself: nothing of it counts', () => {
    expect(told(gone, '0:7~25,1:3')).toBe('0:0,1:3');
    expect(told(first, '0:7~25')).toBe('0:0');
  });

  test('the tokens of states get their epochs, and nothing else does', () => {
    const json = '{"name":"\\"token\\":\\"0:95\\"","token":"0:95,1:7"},{"token":"1:51"}';
    expect(first.inStates(json)).toBe(json);
    expect(gone.inStates(json)).toBe(
      '{"name":"\\"token\\":\\"0:95\\"","token":"0:95~20,1:7"},{"token":"1:51~20"}',
    );
  });
});
