import { parseEnd, parseMoment, parseToken } from '#libs/domain';
import type { Bound } from '#libs/event-store';

/** Where a range begins, as it is asked for: a token (events after it), or a time of recording; a date means its start. */
export const parseFrom = (text: string): Bound | undefined => tokenOf(text) ?? parseMoment(text)?.at;

/** Where a range ends: a token (the events that it holds), or a time of recording; a date means its end. */
export const parseTo = (text: string): Bound | undefined => tokenOf(text) ?? parseEnd(text);

/** An empty text is a token too, but nobody means it. */
const tokenOf = (text: string) => (text === '' ? undefined : parseToken(text));
