import { hash } from 'node:crypto';

/** A strong entity tag of an answer, with its quotes. */
export const etagOf = (answer: string): string => `"${digestOf(answer)}"`;

export const digestOf = (text: string): string => hash('sha256', text, 'base64url').slice(0, 22);
