import { z } from 'zod';

/** The part of a mapping for a column with links, each of which makes a statement of its own. */
export const rowLinks = z.strictObject({
  column: z.string().min(1),
  separator: z.string().min(1).max(10).optional(),
});

/** Each statement has all other fields of the row. */
export const MAX_LINKS = 100;

/** The separator of two links. A link that contains another one stays whole: nothing separates the two. */
const BETWEEN = /[\s,;|]+(?=https?:\/\/)/i;
const AT_THE_END = /[\s,;|]+$/;

/** The links in a cell, each once, in order; not validated. */
export function linksIn(cell: string | readonly string[], separator?: string): string[] {
  const texts =
    typeof cell !== 'string'
      ? cell
      : separator === undefined
        ? cell.replace(AT_THE_END, '').split(BETWEEN)
        : cell.split(separator);
  return [...new Set(texts.map((one) => one.trim()).filter((one) => one !== ''))];
}
