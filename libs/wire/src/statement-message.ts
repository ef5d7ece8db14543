/**
 * What a message of the statements topic asks for, by its header `command`: none records the statement that is its
 * value; the others take the body of the command of that name, with `statementId` in it.
 */
export const COMMANDS = ['retract', 'void', 'correct'] as const;
export type CommandName = (typeof COMMANDS)[number];

/** The header that names a command. */
export const COMMAND = 'command';
