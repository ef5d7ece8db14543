import { addressOf, clock, query, route } from '../address/address.js';
import type { Query, QueryChange } from '../address/query.js';
import { apiAddress, ApiProblem } from '../api/request.js';
import { momentText, type Point, pointOf } from '../compare/moments.js';
import { bookmarkOf, type Cited, type Question } from './cite.js';

/**
 * Asks a question for the moments and the ruleset that repeat its answer.
 * @throws ApiProblem `cite-too-soon` where so much is being recorded that there are none yet
 */
export async function fixedBy<T>(
  { path, query: asked }: Question,
  signal: AbortSignal,
): Promise<{ fixed: Query; answer: T }> {
  const response = await fetch(apiAddress(path, asked), {
    credentials: 'same-origin',
    cache: 'no-store',
    signal,
  });
  if (!response.ok) throw new ApiProblem(response.status, `status-${response.status}`, response.statusText);
  const bookmark = bookmarkOf(response.headers.get('link'));
  if (bookmark === undefined) throw new ApiProblem(409, 'cite-too-soon', '');
  const { asOf, knownAt, ruleset } = bookmark;
  return {
    fixed: { asOf: asOf!, knownAt: knownAt!, ruleset: ruleset! },
    answer: (await response.json()) as T,
  };
}

/** A question about all places: its bookmark fixes whatever is shown of a point. */
export const pointQuestion = (point: Point & { ruleset?: string | undefined }): Question => ({
  path: 'v1/locations',
  query: { ...point, limit: '1' },
});

/** The view of the address, with the moments that fix it. @param more of its query that must not move either */
export const fixAddress =
  (more: QueryChange = {}): Cited['address'] =>
  ([fixed]) =>
    addressOf(route.value, { ...query.value, ...more, ...fixed });

/** How the view of the address is cited, of the moment of its clock. */
export const citedView = (id: string, title: string, more?: QueryChange): Cited => ({
  id,
  title,
  questions: [pointQuestion(clock.value)],
  address: fixAddress(more),
});

/** How a view of the two moments `a` and `b` is cited. */
export const citedMoments = (id: string, title: string): Cited => ({
  id,
  title,
  questions: ['a', 'b'].map((which) =>
    pointQuestion({ ...pointOf(query.value[which]), ruleset: query.value['ruleset'] }),
  ),
  address: ([a, b]) =>
    addressOf(route.value, {
      ...query.value,
      ...ONLY_THEIR_OWN,
      a: momentText(a!),
      b: momentText(b!),
      ruleset: a!['ruleset'],
    }),
});

/** Neither moment is that of the clock. */
const ONLY_THEIR_OWN = { asOf: undefined, knownAt: undefined };
