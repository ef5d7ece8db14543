import { z } from 'zod';

// Fields of answers. Input fields are described by their validators in the domain; an answer has null for a missing value.

export const text = (description: string, ...examples: string[]) =>
  z.string().meta({ description, ...(examples.length > 0 && { examples }) });
export const orNull = <T extends z.ZodType>(schema: T, description?: string) =>
  description === undefined ? schema.nullable() : schema.nullable().meta({ description });
export const count = (description: string) => z.int().min(0).meta({ description, format: 'int64' });

export const instant = (description: string) =>
  z.iso.datetime({ precision: 3 }).meta({ description: `${description}: UTC, to the millisecond` });
export const uuid = (description: string) =>
  z.guid().meta({ description, examples: ['3f0c2b1e-6a51-4c57-9d0e-8a4f5b6c7d80'] });
export const locationId = (description: string) => text(description, 'gn-703656');
export const token = (description: string) => text(description, '3:1042');
export const shard = z
  .int()
  .min(0)
  .meta({ description: 'The shard of the log that it is in', examples: [3] });
export const position = count('Its place in the shard, counted from 1 without gaps');

/** A page of a list. */
export const pageOf = <T extends z.ZodType>(items: T) =>
  z.object({
    items: z.array(items).meta({ description: 'The items, in the order of the list' }),
    nextCursor: text('The `cursor` of the next page; null at the end').nullable(),
  });
