import { statementSchema } from '#libs/domain';
import { z } from 'zod';

export type FieldType = 'text' | 'number' | 'list' | 'numbers' | 'time';

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  prefixItems?: Schema[];
}

const TIMES: readonly string[] = ['/statedAt', '/source/publishedAt', '/occurredAt/from', '/occurredAt/to'];

/** The fields of a statement by JSON Pointer, from the schema that validates it. */
export const STATEMENT_FIELDS: ReadonlyMap<string, FieldType> = new Map(
  fieldsOf(z.toJSONSchema(statementSchema, { io: 'input', unrepresentable: 'any' }) as Schema, ''),
);

function fieldsOf({ type, properties, prefixItems }: Schema, pointer: string): [string, FieldType][] {
  if (properties)
    return Object.entries(properties).flatMap(([name, schema]) => fieldsOf(schema, `${pointer}/${name}`));
  // As a whole, or number by number.
  if (prefixItems)
    return [
      [pointer, 'numbers'],
      ...prefixItems.map((_, at): [string, FieldType] => [`${pointer}/${at}`, 'number']),
    ];
  return [
    [
      pointer,
      TIMES.includes(pointer)
        ? 'time'
        : type === 'array'
          ? 'list'
          : type === 'number' || type === 'integer'
            ? 'number'
            : 'text',
    ],
  ];
}

/** Puts a value into a statement, at a pointer of `STATEMENT_FIELDS`. */
export function setField(statement: Record<string, unknown>, pointer: string, value: unknown): void {
  const path = pointer.slice(1).split('/');
  const last = path.pop()!;
  let at = statement;
  for (const [depth, name] of path.entries())
    at = (at[name] ??= /^\d+$/.test(path[depth + 1] ?? last) ? [] : {}) as Record<string, unknown>;
  at[last] = value;
}
