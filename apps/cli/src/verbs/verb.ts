import { type Command, InvalidArgumentError } from 'commander';

/** The action of a verb; false where it failed and has reported why. */
type Action<A extends unknown[]> = (...args: A) => Promise<boolean | void>;

/** Wraps an action for commander, and keeps whether it failed. */
export type Act = <A extends unknown[]>(action: Action<A>) => (...args: A) => Promise<void>;

/** Adds its verbs, each with examples, to the command line. */
export type AddVerbs = (program: Command, act: Act) => void;

/** Shown below the help of a verb: a command a line, with its purpose. */
export function examples(...lines: [command: string, purpose?: string][]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  const text = ([command, purpose]: [string, string?]) =>
    purpose === undefined ? `  ${command}` : `  ${command.padEnd(width)}   ${purpose}`;
  return `\nExamples:\n${lines.map(text).join('\n')}`;
}

/** The value of an option that counts. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number above 0.');
}
