import { expect } from '@jest/globals';
import { accept, type EventId, type RefusalCode } from '#libs/domain';

// Tests of decisions are tables: given these events, when this command comes, then these events or a refusal.

/** The id of every event that a decision makes here. */
export const NEW = 'a-new-event' as EventId;

/** The command is accepted with these events. */
export const events = <T>(...expected: T[]) => accept(expected);

/** The command is refused with this code; the pointers are those of the wrong fields. */
export const refused = (code: RefusalCode, ...pointers: string[]) => ({
  ok: false,
  refusal: {
    code,
    detail: expect.any(String),
    ...(pointers.length > 0 && {
      errors: pointers.map((pointer) => ({ pointer, detail: expect.any(String) })),
    }),
  },
});
