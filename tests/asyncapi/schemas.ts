import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import {
  correctionSchema,
  eventSchemas,
  retractionSchema,
  statementSchema,
  uuid,
  voidSchema,
} from '#libs/domain';

// AsyncAPI's own dialect of schemas is JSON Schema draft 7 with few words more.

export interface Schema {
  title?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: readonly string[];
  [word: string]: unknown;
}

/** All that have a name, by it: code that is made of the document has one class for each. */
export const schemas: Record<string, Schema> = {};

/**
 * Puts each part that has a title, and the whole, among the schemas; in its place is a reference.
 * @throws Error where two that differ have one title
 */
export function named(part: Schema): Schema {
  const inside = Object.fromEntries(
    Object.entries(part).map(([word, value]) => [word, word === 'examples' ? value : within(value)]),
  ) as Schema;
  const { title } = inside;
  if (title === undefined) return inside;
  const known = schemas[title];
  if (known !== undefined && !isDeepStrictEqual(withoutDefault(known), withoutDefault(inside)))
    throw new Error(`two schemas are called ${title}`);
  // What is filled in where it is left out is always there in an event: there a default says nothing.
  schemas[title] = { ...inside, ...known };
  return { $ref: `#/components/schemas/${title}` };
}

const within = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(within)
    : typeof value === 'object' && value !== null
      ? named(value as Schema)
      : value;

const withoutDefault = ({ default: _filled, ...rest }: Schema) => rest;

/** What goes over the wire, which is what comes in where a validator makes something else of it. */
function described(schema: z.ZodType): Schema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    target: 'draft-7',
  });
  return named(rest as Schema);
}

/** The body of a command, with the id of its statement. */
const command = (title: string, body: z.ZodObject, description: string) =>
  described(z.strictObject({ statementId: uuid, ...body.shape }).meta({ title, description }));

export const payloads = {
  statement: described(statementSchema),
  retract: command('RetractCommand', retractionSchema, 'A speaker retracts a statement of its own side'),
  correct: command(
    'CorrectCommand',
    correctionSchema,
    'A curator records `statement` in place of another one (`statementId`), an ingest mistake, and voids that one',
  ),
  void: command(
    'VoidCommand',
    voidSchema,
    'A curator marks a statement, or a retraction (its id as `statementId`), as an ingest mistake',
  ),
  event: named({
    title: 'RecordedEvent',
    description:
      'The event in canonical JSON (RFC 8785), exactly as it is stored. A reader should ignore fields that it does not know.',
    oneOf: Object.values(eventSchemas).map(described),
  }),
};
