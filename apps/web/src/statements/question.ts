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

/** The question of an address, at its moment. */
export const questionOf = (query: Query): Query =>
  only(query, [
    ...FILTERS.filter((name) => hasSource(query) || (name !== 'outcome' && name !== 'position')),
    'asOf',
    'knownAt',
  ]);
