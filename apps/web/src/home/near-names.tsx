import { useComputed } from '@preact/signals';
import { query } from '../address/address.js';
import { Link } from '../address/link.js';
import { only } from '../address/query.js';
import type { MapAnswer } from '../api/answers.js';
import { useAnswer } from '../api/question.js';
import { t } from '../language/language.js';
import { nearest } from './near.js';
import { FIRST_ZOOM } from './places.js';
import { rowsOf } from './rows.js';

const MOST = 5;

/** Where no name is as the reader wrote it: names that are nearly so, marked as a guess. */
export function NearNames() {
  const all = useAnswer<MapAnswer>(() => ({
    path: 'v1/map',
    query: { ...only(query.value, ['asOf', 'knownAt', 'ruleset']), zoom: String(FIRST_ZOOM) },
  }));
  const rows = useComputed(() => (all.value.data?.kind === 'places' ? rowsOf(all.value.data) : []));
  const found = nearest(query.value['q'] ?? '', rows.value, MOST);
  if (found.length === 0) return null;
  return (
    <p>
      {t('near.names')}{' '}
      {found.map(({ id, name }, at) => (
        <>
          {at > 0 && ' · '}
          <Link to={{ view: 'place', id }}>
            <bdi>{name}</bdi>
          </Link>
        </>
      ))}
    </p>
  );
}
