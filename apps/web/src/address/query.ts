/** The query of an address, by the API's own names. A name without a value is not there. */
export type Query = Readonly<Record<string, string>>;

/** Changes to a query: undefined or '' takes a name away. */
export type QueryChange = Readonly<Record<string, string | undefined>>;

/** When the page looks at what was said: of all views the same. */
export const CLOCK_NAMES = ['asOf', 'knownAt', 'ruleset'] as const;

export function queryOf(search: string): Query {
  return Object.fromEntries([...new URLSearchParams(search)].filter(([, value]) => value !== ''));
}

/** As text behind the path, with its `?`; '' for none. Colons and commas stay readable. */
export function searchOf(query: QueryChange): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(entries as [string, string][]).toString();
  return text === '' ? '' : `?${text.replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%2F', '/')}`;
}

export const changed = (query: Query, change: QueryChange): Query =>
  queryOf(searchOf({ ...query, ...change }));

/** Only these names of a query. */
export function only(query: Query, names: readonly string[]): Query {
  return Object.fromEntries(Object.entries(query).filter(([name]) => names.includes(name)));
}
