import { Link } from '../address/link.js';
import type { Statement } from '../api/place-answers.js';
import { StatementEntry } from '../saying/statement-entry.js';

/** A statement in a list across places: the place stands above it. */
export function StatementItem({ said }: { said: Statement }) {
  return (
    <li class="statement-item">
      <h3>
        <Link to={{ view: 'place', id: said.place.id }}>
          <bdi>{said.place.name}</bdi>
        </Link>
      </h3>
      <StatementEntry said={said} />
    </li>
  );
}
