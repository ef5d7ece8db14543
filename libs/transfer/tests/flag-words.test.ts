import { expect, it } from '@jest/globals';
import { FLAGS, type Flag } from '#libs/domain';
import { stateColumns } from '../src/export/columns.js';
import { flagWords } from '../src/export/flag-words.js';

const flag = (fields: Partial<Flag>): Flag => ({
  flag: 'fighting',
  holder: null,
  assertedBy: [],
  deniedBy: [],
  evidence: [],
  ...fields,
});
const [russia, ukraine] = [['russia'], ['ukraine']];

const WORDS: [Partial<Flag>, string][] = [
  [{ assertedBy: ukraine }, 'fighting, asserted by ukraine'],
  [
    { flag: 'encirclement', holder: 'russia', assertedBy: russia, deniedBy: ukraine },
    'encircled by russia, asserted by russia, denied by ukraine',
  ],
  [
    { flag: 'presence', holder: 'russia', assertedBy: ['independent:isw', 'russia', 'x'], deniedBy: [] },
    'presence of russia, asserted by independent:isw, russia and x',
  ],
  [
    { flag: 'partial', holder: 'ukraine', assertedBy: ukraine },
    'only a part held or lost by ukraine, asserted by ukraine',
  ],
  [
    { flag: 'hinted', holder: 'm23', assertedBy: ['m23'], deniedBy: ['drc'] },
    'hint about m23 (intended, conditional or hedged), asserted by m23, denied by drc',
  ],
  [
    { flag: 'hinted', assertedBy: russia },
    'hint about fighting (intended, conditional or hedged), asserted by russia',
  ],
  [
    { flag: 'extentDisputed', holder: 'russia', assertedBy: russia, deniedBy: ukraine },
    'extent of control by russia disputed, asserted by russia, denied by ukraine',
  ],
  [
    { flag: 'withdrawalDisputed', holder: 'm23', assertedBy: ['m23'], deniedBy: ['drc'] },
    'withdrawal of m23 disputed, asserted by m23, denied by drc',
  ],
  // Both may assert, one that it holds the place and one that it has lost it: a list under "asserted" would hide that.
  [
    { flag: 'splitSide', holder: 'russia', assertedBy: russia, deniedBy: russia },
    'speakers of russia disagree among themselves about russia',
  ],
  [
    { flag: 'unknownParty', holder: 'russia', assertedBy: ['Rusia; x'] },
    'unknown party, perhaps misspelled, in what is said about russia, asserted by Rusia; x',
  ],
  [{ flag: 'provisional' }, 'provisional place, matched to no registered one'],
  [{ flag: 'ambiguous', candidates: ['gn-1', 'gn-2'] }, 'ambiguous place, may be gn-1 or gn-2'],
];

it.each(WORDS)('%j reads %s', (fields, words) => {
  expect(flagWords(flag(fields))).toBe(words);
});

it('every flag has words, and stands in CSV with them and with its name', () => {
  expect(new Set(WORDS.map(([{ flag: name = 'fighting' }]) => name))).toEqual(new Set(FLAGS));
  const cell = (name: string) =>
    stateColumns
      .find((column) => column.name === name)!
      .value({ flags: WORDS.slice(-3).map(([fields]) => flag(fields)) } as never, {});
  expect(cell('flags')).toBe(
    'unknown party, perhaps misspelled, in what is said about russia, asserted by Rusia\\; x; ' +
      'provisional place, matched to no registered one; ambiguous place, may be gn-1 or gn-2',
  );
  expect(cell('flagNames')).toBe('unknownParty; provisional; ambiguous');
});
