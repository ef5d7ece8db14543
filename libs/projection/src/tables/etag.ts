import { hash } from 'node:crypto';

/** A strong entity tag of an answer, with its quotes. */
export const etagOf = (answer: string): string => `"${digestOf(answer)}"`;

export const digestOf = (text: string): string => shortened(hash('sha256', text, 'base64url'));

/** 132 bits of a digest in base64url. */
export const shortened = (digest: string): string => digest.slice(0, 22);
