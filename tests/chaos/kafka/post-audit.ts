import type { Kafka } from 'kafkajs';
import { DEAD_LETTER, headerOf, type Topics } from '#libs/messaging';
import { few } from '../audit.js';
import { contentOf, numberOf, type Letter } from './letter.js';
import { TopicReading } from './topic-reading.js';

/** A message as the statements topic holds it. */
interface Arrival {
  at: string;
  letter: Letter;
}

const OURS: readonly string[] = Object.values(DEAD_LETTER);

/**
 * Compares the statements topic with what was sent, and the dead letters with the statements topic: whatever is in it
 * must become what it was made for, even where its arrival was never acknowledged.
 */
export class PostAudit {
  /** Messages in the statements topic: more than were sent, where a producer was not sure and sent again. */
  messages = 0;
  /** Dead letters, each counted once. */
  dead = 0;
  /** Dead letters that came again. */
  repeats = 0;
  private readonly statements: TopicReading;
  private readonly deadLetters: TopicReading;
  private arrivals: Arrival[] = [];
  private readonly places = new Map<string, Letter>();
  private readonly times = new Map<number, number>();
  private readonly buried = new Map<string, string>();

  constructor(
    kafka: Kafka,
    private readonly topics: Topics,
    private readonly letters: ReadonlyMap<number, Letter>,
  ) {
    this.statements = new TopicReading(kafka, topics.statements);
    this.deadLetters = new TopicReading(kafka, topics.deadLetters);
  }

  /** What is in the topics is read again from the beginning, next time. */
  again(): void {
    this.statements.rewind();
    this.deadLetters.rewind();
    this.arrivals = [];
    for (const held of [this.places, this.times, this.buried]) held.clear();
    this.messages = 0;
    this.dead = 0;
    this.repeats = 0;
  }

  /** What is wrong in the statements topic. @param onPromise called with what must be in the log now */
  async arrived(onPromise: (key: string) => void): Promise<string[]> {
    const faults: string[] = [];
    await this.statements.read((message, partition) => {
      const at = `${partition}:${message.offset}`;
      const letter = this.letters.get(numberOf(message.headers));
      if (!letter) return void faults.push(`the statements topic holds at ${at} what nobody sent`);
      if (contentOf(letter) !== contentOf({ ...message }))
        faults.push(`the statements topic holds letter ${letter.number} at ${at} other than it was sent`);
      this.times.set(letter.number, (this.times.get(letter.number) ?? 0) + 1);
      this.messages += 1;
      this.places.set(at, letter);
      this.arrivals.push({ at, letter });
      const { recorded, dead } = letter.fate;
      if (recorded !== undefined && dead === undefined) onPromise(recorded);
    });
    for (const { number, acknowledged } of this.letters.values())
      if (acknowledged && !this.times.has(number))
        faults.push(`the broker has acknowledged letter ${number}, and does not have it`);
    return few(faults);
  }

  /** What is wrong among the dead letters, with all that has arrived done with. @param isRecorded whether the log has it */
  async settled(isRecorded: (key: string) => boolean): Promise<string[]> {
    const faults: string[] = [];
    await this.deadLetters.read((message, partition) => {
      const header = (name: string) => headerOf(message.headers, name) ?? '';
      const origin = `${header(DEAD_LETTER.partition)}:${header(DEAD_LETTER.offset)}`;
      const which =
        `the dead letter at ${partition}:${message.offset} ` +
        `(${header(DEAD_LETTER.code)}, of ${header(DEAD_LETTER.topic)} ${origin})`;
      const letter = this.places.get(origin);
      const report = (what: string) => faults.push(`${which} ${what}`);
      if (header(DEAD_LETTER.topic) !== this.topics.statements || !letter)
        return void report('comes from where nothing is');
      if (letter.fate.dead !== header(DEAD_LETTER.code))
        report(
          `should ${letter.fate.dead === undefined ? 'not be there' : `say ${letter.fate.dead}`}: ` +
            header(DEAD_LETTER.detail).slice(0, 300),
        );
      if (header(DEAD_LETTER.detail) === '') report('gives no reason');
      if (contentOf(letter) !== contentOf({ ...message }, OURS)) report('is not what was sent');
      if (this.buried.has(origin)) this.repeats += 1;
      else this.dead += 1;
      this.buried.set(origin, header(DEAD_LETTER.code));
    });
    for (const { at, letter } of this.arrivals) {
      const { recorded, dead } = letter.fate;
      const done = this.buried.has(at);
      if (dead === undefined) continue;
      if (!done && (recorded === undefined || !isRecorded(recorded)))
        faults.push(
          `LOST: letter ${letter.number} (${dead}) at ${at} is not among the dead letters` +
            (recorded === undefined ? '' : ', nor in the log'),
        );
      if (done && recorded !== undefined && this.times.get(letter.number) === 1 && isRecorded(recorded))
        faults.push(`letter ${letter.number} at ${at} is in the log, and among the dead letters`);
    }
    this.arrivals = [];
    return few(faults);
  }
}
