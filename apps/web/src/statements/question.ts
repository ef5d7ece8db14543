import { only, type Query } from '../address/query.js';

/** The filters of statements, by the API's names. */
export const FILTERS = [
  'text',
  'speaker',
  'party',
  'outlet',
  'url',
  'predicate',
  'stance',
  'outcome',
  'position',
  'from',
  'to',
] as const;

/** What has become of statements can be asked of a speaker or an outlet. */
export const hasSource = ({ speaker, outlet }: Query): boolean => (speaker ?? outlet) !== undefined;

/** The question of an address: what was stated after asOf is left out. */
export function questionOf(query: Query): Query {
  const { to, ...asked } = only(
    query,
    FILTERS.filter((name) => hasSource(query) || (name !== 'outcome' && name !== 'position')),
  );
  const end = [to, query['asOf']].filter((one) => one !== undefined).toSorted()[0];
  return { ...asked, ...(end !== undefined && { to: end }) };
}
