/** Removes missing values: a row of an export has all keys, an answer of the API only those that it needs. */
export function lean(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(lean);
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  const fields = Object.entries(value).map(([key, one]) => [key, lean(one)] as const);
  return fields.every(([, one]) => one === undefined)
    ? undefined
    : Object.fromEntries(fields.filter(([, one]) => one !== undefined));
}
