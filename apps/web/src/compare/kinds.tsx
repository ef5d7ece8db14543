import { useSignal } from '@preact/signals';
import { query } from '../address/address.js';
import { Link } from '../address/link.js';
import type { Status } from '../api/answers.js';
import { ClaimsLine } from '../home/claims-line.js';
import { t } from '../language/language.js';
import { StatusWord } from '../look/status-mark.js';
import type { Kind } from './joined.js';

const PAGE = 50;

/** The places that differ, by how they differ, with counts. */
export function Kinds({ kinds }: { kinds: readonly Kind[] }) {
  const n = kinds.reduce((sum, { places }) => sum + places.length, 0);
  return (
    <section aria-labelledby="kinds-title">
      <h2 id="kinds-title" aria-live="polite">
        {n === 0 ? t('compare.same') : t('map-compare.count', { n })}
      </h2>
      {kinds.map((kind) => (
        <KindOf key={`${kind.from} ${kind.to}`} kind={kind} />
      ))}
    </section>
  );
}

function KindOf({ kind: { from, to, places } }: { kind: Kind }) {
  const shown = useSignal(PAGE);
  return (
    <>
      <h3 class="change-kind">
        <Stage status={from} />
        {from === to ? (
          <span>{t('map-compare.others')}</span>
        ) : (
          <>
            <span aria-hidden="true">→</span>
            <span class="unseen">{t('changes.then')}</span>
            <Stage status={to} />
          </>
        )}
        <span class="faint">{t('list.count', { n: places.length })}</span>
      </h3>
      <ul class="kind-places">
        {places.slice(0, shown.value).map(({ id, name, b }) => (
          <li key={id}>
            <Link
              to={{ view: 'place-compare', id }}
              query={{ a: query.value['a'], b: query.value['b'] ?? 'now' }}
            >
              <bdi>{name}</bdi>
            </Link>{' '}
            {b !== null && (
              <span class="small faint">
                <ClaimsLine claims={b.claims} />
              </span>
            )}
          </li>
        ))}
      </ul>
      {places.length > shown.value && (
        <button type="button" onClick={() => (shown.value += PAGE)}>
          {t('list.more', { n: Math.min(PAGE, places.length - shown.value) })}
        </button>
      )}
    </>
  );
}

const Stage = ({ status }: { status: Status | null }) =>
  status === null ? <span>{t('compare.unknown')}</span> : <StatusWord status={status} />;
