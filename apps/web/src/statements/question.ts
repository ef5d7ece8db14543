import { only, type Query } from '../address/query.js';

/** The filters of statements, by the API's names. */
export const FILTERS = ['speaker', 'party', 'outlet', 'url', 'predicate', 'stance', 'from', 'to'] as const;

/** The question of an address: what was stated after asOf is left out. */
export function questionOf(query: Query): Query {
  const { to, ...asked } = only(query, FILTERS);
  const end = [to, query['asOf']].filter((one) => one !== undefined).toSorted()[0];
  return { ...asked, ...(end !== undefined && { to: end }) };
}
