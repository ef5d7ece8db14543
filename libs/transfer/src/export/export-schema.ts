import { z } from 'zod';
import { stateTypes, statementTypes, type ColumnType, type ColumnTypes } from './column-types.js';
import { stateColumns, statementColumns } from './columns.js';
import type { Format } from './formats.js';
import { shapes } from './row-shapes.js';

type Rows = 'statements' | 'timeline' | 'states';

/** The marker by which a schema that an export wrote is recognized. */
export const SCHEMA_TITLE = /^A (line|row|file) of an export of (statements|timeline|states)$/;

/** Formats whose files do not describe their own content. */
export const SCHEMA_FORMATS = ['ndjson', 'csv', 'geojson'] as const satisfies readonly Format[];

/**
 * The schema of the file of an export, for readers that would otherwise guess: a Table Schema for CSV; a JSON Schema for
 * each line of NDJSON, or for GeoJSON, whole or feature by feature.
 */
export function exportSchema(what: Rows, format: (typeof SCHEMA_FORMATS)[number]): object {
  const of = what === 'states' ? 'states' : 'statements';
  if (format === 'csv')
    return {
      title: `A row of an export of ${what}`,
      ...(what === 'states'
        ? tableSchema(stateColumns, stateTypes, 'id')
        : tableSchema(statementColumns, statementTypes, what === 'statements' ? 'statementId' : undefined)),
    };
  const { schema } = shapes[of][format]();
  const title = `A ${format === 'ndjson' ? 'line' : 'file'} of an export of ${what}`;
  return z.toJSONSchema((format === 'ndjson' ? schema : ofFile(schema)).meta({ title }));
}

const ofFile = (feature: z.ZodType) =>
  z.union([z.strictObject({ type: z.literal('FeatureCollection'), features: z.array(feature) }), feature]);

const TABLE_TYPES: Record<ColumnType, string> = {
  text: 'string',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
  time: 'datetime',
};

function tableSchema<T>(
  columns: readonly { name: string }[],
  types: ColumnTypes<T>,
  primaryKey: string | undefined,
): object {
  const fields = columns.map(({ name }) => {
    const type = types[name];
    return { name, type: typeof type === 'string' ? TABLE_TYPES[type] : 'string' };
  });
  return { fields, missingValues: [''], ...(primaryKey !== undefined && { primaryKey }) };
}
