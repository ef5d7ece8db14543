import { z } from 'zod';

/** Of a mapping: the column with links of which each makes a statement of its own. */
export const rowLinks = z.strictObject({
  column: z.string().min(1),
  separator: z.string().min(1).max(10).optional(),
});

/** Each has all else that the row holds. */
export const MOST_LINKS = 100;

/** Whatever stands between two links. A link that holds another one is whole: nothing separates the two. */
const BETWEEN = /[\s,;|]+(?=https?:\/\/)/i;
const AT_THE_END = /[\s,;|]+$/;

/** The links in a cell, each once, in their order. Whether they are links is not said. */
export function linksIn(cell: string | readonly string[], separator?: string): string[] {
  const texts =
    typeof cell !== 'string'
      ? cell
      : separator === undefined
        ? cell.replace(AT_THE_END, '').split(BETWEEN)
        : cell.split(separator);
  return [...new Set(texts.map((one) => one.trim()).filter((one) => one !== ''))];
}
