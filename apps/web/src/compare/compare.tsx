import { useComputed } from '@preact/signals';
import { query } from '../address/address.js';
import type { MapAnswer } from '../api/answers.js';
import { useAnswer } from '../api/question.js';
import { FIRST_ZOOM } from '../home/places.js';
import { rowsOf } from '../home/rows.js';
import { t } from '../language/language.js';
import { missed } from '../live/live.js';
import { ProblemNote } from '../look/problem.js';
import { MomentForm } from './moment-form.js';
import { pointOf } from './moments.js';
import { citedMoments } from '../take/bookmark.js';
import { TakePanel } from '../take/take-panel.js';
import { useTitle } from '../address/title.js';
import { lazy } from '../shell/lazy.js';
import { CompareData } from './compare-data.js';
import { Kinds } from './kinds.js';
import { kindsOf } from './joined.js';
import '../place/compare/compare.css';
import './compare.css';

const Swipe = lazy(() => import('./swipe.js').then(({ Swipe }) => Swipe));

const momentOf = (which: 'a' | 'b') => ({ ...pointOf(query.value[which]), ruleset: query.value['ruleset'] });
const mapQuestion = (which: 'a' | 'b') => ({
  path: 'v1/map',
  query: { ...momentOf(which), zoom: String(FIRST_ZOOM) },
});

const useMap = (which: 'a' | 'b') => {
  const answer = useAnswer<MapAnswer>(
    () => (query.value['a'] === undefined ? undefined : mapQuestion(which)),
    () => missed.value,
  );
  const rows = useComputed(() => {
    const { data } = answer.value;
    return data?.kind === 'places' ? rowsOf(data) : undefined;
  });
  return { answer, rows };
};

const BOTH = ['a', 'b'] as const;

/** The whole map at two moments: what has changed in words, and both maps over each other. */
export function Compare() {
  useTitle(() => t('nav.compare'));
  const [a, b] = [useMap('a'), useMap('b')];
  const kinds = useComputed(() =>
    a.rows.value === undefined || b.rows.value === undefined
      ? undefined
      : kindsOf(a.rows.value, b.rows.value),
  );
  const isTooMany = [a, b].some(({ answer }) => answer.value.data?.kind === 'bins');
  const isWaiting = [a, b].some(({ answer }) => answer.value.isWaiting) && query.value['a'] !== undefined;
  return (
    <CompareData.Provider value={{ a: a.rows, b: b.rows }}>
      <div class="read map-compare" aria-busy={isWaiting}>
        <h1>{t('map-compare.title')}</h1>
        <MomentForm />
        <ProblemNote problem={a.answer.value.problem ?? b.answer.value.problem} />
        {query.value['a'] === undefined && <p class="note">{t('compare.choose')}</p>}
        {isTooMany && <p class="note">{t('map-compare.too-many')}</p>}
        {isWaiting && kinds.value === undefined && <p class="faint">{t('shell.loading')}</p>}
        {kinds.value !== undefined && (
          <>
            <Swipe />
            <Kinds kinds={kinds.value} />
          </>
        )}
        {query.value['a'] !== undefined && (
          <TakePanel
            cited={() => citedMoments('compare', t('map-compare.title'))}
            files={BOTH.map((which) => ({
              name: t(`compare.${which}`),
              path: 'v1/exports/locations',
              query: momentOf(which),
            }))}
            api={BOTH.map((which) => ({ name: t(`compare.${which}`), ...mapQuestion(which) }))}
          />
        )}
      </div>
    </CompareData.Provider>
  );
}
