import { userInfo } from 'node:os';
import { printable } from '#libs/domain';

const MAX_LENGTH = 100;

/** Who works at the command line, as `by` of the events of its operations: the user of the system. */
export function commandLineUser(): string {
  return `${printable(nameOfUser(), MAX_LENGTH)} (command line)`;
}

function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that no name belongs to.
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
