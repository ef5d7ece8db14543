import { query } from '../../address/address.js';
import { Link } from '../../address/link.js';
import { only } from '../../address/query.js';
import type { State } from '../../api/answers.js';
import type { Comparison } from '../../api/place-answers.js';
import { useAnswer } from '../../api/question.js';
import { isolated } from '../../language/isolated.js';
import { t } from '../../language/language.js';
import { missed } from '../../live/live.js';
import { ProblemNote } from '../../look/problem.js';
import { placeId, placePath } from '../place-data.js';
import { Differences } from './differences.js';
import { MomentForm } from '../../compare/moment-form.js';
import { pointOf } from '../../compare/moments.js';
import { useTitle } from '../../address/title.js';
import { citedMoments } from '../../take/bookmark.js';
import { TakePanel } from '../../take/take-panel.js';
import { StateAt } from './state-at.js';
import '../place.css';
import '../sides.css';
import '../print.css';
import './compare.css';

/** Changes with the answer, so that its further pages are forgotten. */
const keyOf = ({ a, b }: Comparison): string =>
  [a, b].map((state) => `${state?.asOf} ${state?.knownAt} ${state?.token}`).join(' ');

/** One place at two moments: what differs first, then both states side by side. */
export function PlaceCompare() {
  const question = () => {
    const path = placePath('/compare');
    const asked = only(query.value, ['a', 'b', 'ruleset']);
    return path === undefined || asked['a'] === undefined
      ? undefined
      : { path, query: { limit: '500', ...asked } };
  };
  const answer = useAnswer<Comparison>(question, () => missed.value);
  const place = useAnswer<State>(() => {
    const path = placePath();
    return path === undefined ? undefined : { path };
  });
  const { data, problem, isWaiting } = answer.value;
  const state = place.value.data ?? data?.b ?? data?.a;
  const id = placeId();
  useTitle(() => place.value.data && `${isolated(place.value.data.name)}: ${t('compare.title')}`);
  if (id === undefined) return null;
  return (
    <div class="place-page read" aria-busy={isWaiting}>
      <p class="small no-print">
        <Link to={{ view: 'place', id }}>{t('compare.back')}</Link>
      </p>
      <h1>
        <bdi>{state?.name ?? id}</bdi> <span class="faint">{t('compare.two')}</span>
      </h1>
      <MomentForm />
      <ProblemNote problem={problem ?? (state === undefined ? place.value.problem : undefined)} />
      {query.value['a'] === undefined && <p class="note">{t('compare.choose')}</p>}
      {data !== undefined && (
        <>
          <Differences key={keyOf(data)} comparison={data} />
          <section aria-labelledby="states-title">
            <h2 id="states-title">{t('compare.states')}</h2>
            <div class="sides">
              {(['a', 'b'] as const).map((which) => (
                <StateAt
                  key={which}
                  which={which}
                  state={data[which]}
                  point={pointOf(query.value[which])}
                  id={id}
                />
              ))}
            </div>
          </section>
          <TakePanel
            cited={() => citedMoments(id, `${state?.name ?? id}: ${t('compare.title')}`)}
            api={[question()]
              .filter((one) => one !== undefined)
              .map((one) => ({ name: t('take.comparison'), ...one }))}
          />
        </>
      )}
    </div>
  );
}
