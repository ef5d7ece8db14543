import { type Command, InvalidArgumentError } from 'commander';

/** What a verb does; false where it failed and has said why. */
type Action<A extends unknown[]> = (...args: A) => Promise<boolean | void>;

/** Makes of an action what commander calls, and keeps whether it failed. */
export type Act = <A extends unknown[]>(action: Action<A>) => (...args: A) => Promise<void>;

/** Adds its verbs, each with examples, to the command line. */
export type AddVerbs = (program: Command, act: Act) => void;

/** Shown below the help of a verb: a command a line, with what it is for. */
export function examples(...lines: [command: string, purpose?: string][]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, purpose]) => `  ${purpose === undefined ? command : `${command.padEnd(width)}   ${purpose}`}`).join('\n')}`;
}

/** The value of an option that counts. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number above 0.');
}
