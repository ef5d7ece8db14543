import { z } from 'zod';

/** The shape of a row of NDJSON, or of a feature: every key in every row, at every depth. */
export interface RowShape {
  /** The JSON Schema of the output. */
  schema: z.ZodType;
  /** The JSON of a missing value: null, [] for a list, an object with its keys. */
  nothing: string;
  /** Adds the JSON of a present value to a list of parts: joining them once for many rows halves the cost. */
  write: (value: never, text: string[]) => void;
  /** For a text that is its own JSON except for the quotes. */
  isPlain?: (value: string) => boolean;
}

/** Objects that are null when missing, because their presence is their meaning. */
const NULL_WHEN_MISSING: readonly string[] = ['retracted', 'voided', 'geometry'];

/**
 * The shape of rows, from the schema of the API's answers. Programs guess the types of columns from the first rows, so each
 * row has every key that any row may have, and a number that need not be whole is written with a point.
 */
export const rowShape = (answer: z.ZodType): RowShape => shapeOf(answer, false, '');

/** @param missing whether it may be missing */
function shapeOf(type: z.ZodType, missing: boolean, name: string): RowShape {
  if (type instanceof z.ZodOptional || type instanceof z.ZodNullable)
    return shapeOf(type.unwrap() as z.ZodType, true, name);
  const { schema, ...shape } = shapeOfKind(type, missing, name);
  return {
    ...shape,
    schema: type.description === undefined ? schema : schema.meta({ description: type.description }),
  };
}

function shapeOfKind(type: z.ZodType, missing: boolean, name: string): RowShape {
  if (type instanceof z.ZodArray) return listShape(type);
  const isNullWhenMissing = missing && NULL_WHEN_MISSING.includes(name);
  if (type instanceof z.ZodObject && !isNullWhenMissing) return objectShape(type, missing);
  const { schema, ...shape } = type instanceof z.ZodObject ? objectShape(type, false) : valueShape(type);
  return { ...shape, schema: missing ? schema.nullable() : schema, nothing: 'null' };
}

function listShape(type: z.ZodArray): RowShape {
  const { schema, nothing, write } = shapeOf(type.element as z.ZodType, false, '');
  return {
    schema: z.array(schema),
    nothing: '[]',
    write(items: never[], text) {
      text.push('[');
      for (const [at, item] of items.entries()) {
        if (at > 0) text.push(',');
        if (isNothing(item)) text.push(nothing);
        else write(item, text);
      }
      text.push(']');
    },
  };
}

function objectShape(type: z.ZodObject, missing: boolean): RowShape {
  const fields = Object.entries(type.shape).map(([name, field], at) => {
    const { schema, nothing, write, isPlain } = shapeOf(field as z.ZodType, missing, name);
    const key = `${at === 0 ? '{' : ','}${JSON.stringify(name)}:`;
    // The closing quote of a text is part of the next part: fewer parts are faster.
    const begun = { none: key + nothing, text: `${key}"`, other: key };
    return {
      name,
      schema,
      write,
      isPlain,
      none: begun.none,
      begun,
      ended: { none: `"${begun.none}`, text: `"${begun.text}`, other: `"${key}` },
    };
  });
  return {
    schema: z.strictObject(Object.fromEntries(fields.map(({ name, schema }) => [name, schema]))),
    nothing: `${fields.map(({ none }) => none).join('')}}`,
    write(object: Record<string, never>, text) {
      let inText = false;
      for (const { name, write, isPlain, begun, ended } of fields) {
        const value = object[name];
        const key = inText ? ended : begun;
        inText = false;
        if (isNothing(value)) text.push(key.none);
        else if (isPlain?.(value)) {
          text.push(key.text, value);
          inText = true;
        } else {
          text.push(key.other);
          write(value, text);
        }
      }
      text.push(inText ? '"}' : '}');
    },
  };
}

/** A value that is neither a list nor an object with fields. */
function valueShape(schema: z.ZodType): RowShape {
  const shape = (write: RowShape['write']): RowShape => ({ schema, nothing: 'null', write });
  if (schema instanceof z.ZodTuple)
    return shape((numbers: number[], text) => text.push(`[${numbers.map(decimal).join(',')}]`));
  const { type, enum: words, format } = z.toJSONSchema(schema, { unrepresentable: 'any' });
  if (type === 'number') return shape((number, text) => text.push(decimal(number)));
  const json = shape((value, text) => text.push(JSON.stringify(value)));
  if (type !== 'string') return json;
  const isPlain =
    words !== undefined || (format !== undefined && PLAIN_FORMATS.includes(format))
      ? () => true
      : (value: string) => !ESCAPED.test(value);
  return { ...json, isPlain };
}

const isNothing = (value: unknown): value is null | undefined => value === null || value === undefined;

/** 80 as 80.0: readers that see only whole numbers at first turn 80.5 into 81. */
const decimal = (value: number): string =>
  Number.isSafeInteger(value) ? `${value}.0` : JSON.stringify(value);

// Most texts have nothing that JSON escapes, and are written as they are.
const ESCAPED = /[^ !#-[\]-\uD7FF\uE000-\uFFFF]/;
const PLAIN_FORMATS = ['uuid', 'date-time'];
