import { INDEPENDENTS, isIndependent } from '../api/independent.js';
import type { Statement } from '../api/place-answers.js';
import { isDay, type Precision, shownTime } from '../language/dates.js';
import { listed, maybe } from '../language/language.js';
import { partyName } from '../language/parties.js';
import { type Phrase, sentence, wordsOf } from './phrase.js';

/** The words of a phrase in the page's language. */
export const say = (phrase: Phrase): string =>
  wordsOf(phrase, { text: maybe, list: listed, party: named, label: partyName, time: shownAs })
    // A date may end with the point of an abbreviation: "2025 р."
    .replaceAll(/(?<!\.)\.\.(?!\.)/g, '.');

/** The same as a sentence of its own. */
export const saySentence = (phrase: Phrase): string => sentence(say(phrase));

/** A party as the subject of a clause: a language may need a noun before a name that it does not know. */
const named = (id: string): string =>
  maybe(`party.${id}`) ?? maybe('party.named', { name: partyName(id) }) ?? partyName(id);

/** Names of sides, of an independent as its statements write it: the side's id has it in small letters. */
export function labelsOf(
  statements: Iterable<Pick<Statement, 'speaker' | 'origin'>>,
): (side: string) => string {
  const origins = new Map([...statements].map(({ speaker: { side }, origin }) => [side, origin]));
  return (side) =>
    isIndependent(side) ? (origins.get(side) ?? side.slice(INDEPENDENTS.length)) : partyName(side);
}

/** A time with the precision of the API; without one, the start of a day in UTC is taken for the day. */
export function shownAs(at: string, precision?: string): string {
  if (precision === 'week') return maybe('when.week', { date: shownTime(at) }) ?? shownTime(at);
  return shownTime(at, (precision as Precision | undefined) ?? (isDay(at) ? 'day' : 'minute'));
}
