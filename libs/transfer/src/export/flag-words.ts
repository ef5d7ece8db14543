import type { Flag } from '#libs/domain';

/**
 * A flag in words that cannot be misread as their opposite: the subject, who asserts it and who denies it.
 * docs/export-and-import.md lists them.
 */
export function flagWords(flag: Flag): string {
  const { assertedBy, deniedBy } = flag;
  // Its speakers may all assert, one of them one thing and another its contrary.
  const sides = flag.flag === 'splitSide' ? [] : [by('asserted', assertedBy), by('denied', deniedBy)];
  return [said(flag), ...sides].filter((part) => part !== '').join(', ');
}

function said(flag: Flag): string {
  const holder = about(flag);
  switch (flag.flag) {
    case 'fighting':
      return 'fighting';
    case 'encirclement':
      return `encircled by ${holder}`;
    case 'presence':
      return `presence of ${holder}`;
    case 'partial':
      return `only a part held or lost by ${holder}`;
    case 'hinted':
      return `hint about ${holder} (intended, conditional or hedged)`;
    case 'extentDisputed':
      return `extent of control by ${holder} disputed`;
    case 'withdrawalDisputed':
      return `withdrawal of ${holder} disputed`;
    case 'splitSide':
      return `speakers of ${listed([...new Set([...flag.assertedBy, ...flag.deniedBy])], 'and')} disagree among themselves about ${holder}`;
    case 'unknownParty':
      return `unknown party, perhaps misspelled, in what is said about ${holder}`;
    case 'provisional':
      return 'provisional place, matched to no registered one';
    case 'ambiguous':
      return `ambiguous place, may be ${listed(flag.candidates ?? [], 'or')}`;
    default:
      return flag.flag satisfies never;
  }
}

/** Fighting has no holder. */
const about = ({ holder }: Flag): string => holder ?? 'fighting';

const by = (how: string, sides: readonly string[]): string =>
  sides.length === 0 ? '' : `${how} by ${listed(sides, 'and')}`;

const listed = (names: readonly string[], last: string): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1)}`;
