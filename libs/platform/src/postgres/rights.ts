export const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * The same error; where the role lacks a right for something, one that says what it cannot do, and how to go on.
 * @param attempted as in "may not make its tables"
 */
export function rightsError(error: unknown, attempted: string): unknown {
  const { code, message } = error as { code?: string; message: string };
  if (code !== INSUFFICIENT_PRIVILEGE) return error;
  return Object.assign(
    new Error(
      `the role of DATABASE_URL may not ${attempted} (${message}): ` +
        'run `claimline migrate --grant-to <this role>` with a role that may, then start again',
      { cause: error },
    ),
    { code },
  );
}
