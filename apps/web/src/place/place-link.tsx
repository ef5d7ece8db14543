import { clock } from '../address/address.js';
import { Link } from '../address/link.js';
import type { State } from '../api/answers.js';
import { useAnswer } from '../api/question.js';

/** A link to another place, by its name once that is known. */
export function PlaceLink({ id }: { id: string }) {
  const answer = useAnswer<State>(() => ({
    path: `v1/locations/${encodeURIComponent(id)}`,
    query: clock.value,
  }));
  return (
    <Link to={{ view: 'place', id }}>
      <bdi>{answer.value.data?.name ?? id}</bdi>
    </Link>
  );
}
