/**
 * The header `command` of a message of the statements topic names its command. Without the header, the value is a statement
 * to record; otherwise it is the body of the command, with a `statementId`.
 */
export const COMMANDS = ['retract', 'void', 'correct'] as const;
export type CommandName = (typeof COMMANDS)[number];

/** The header in which a trusted producer says who sends the message. */
export const SENDER = 'by';

/** The header that names a command. */
export const COMMAND = 'command';
