import { isNow } from '../address/address.js';
import type { State } from '../api/answers.js';
import { useAnswer } from '../api/question.js';
import { isolated } from '../language/isolated.js';
import { t } from '../language/language.js';
import { ProblemNote } from '../look/problem.js';
import { Facts } from './facts.js';
import { Flags } from './flags.js';
import { PlaceHead } from './head.js';
import { History } from './history.js';
import { LiveNote } from './live-note.js';
import { Moment } from './moment.js';
import { PlaceContext, placeId, placePath, usePlaceData } from './place-data.js';
import { Sides } from './sides-view.js';
import { Timeline } from './timeline.js';
import { useTitle } from '../address/title.js';
import { Tools } from './tools/tools.js';
import './place.css';
import './print.css';

/** Everything about one place: its state in a sentence, who says what, how it came about, and every statement. */
export function Place() {
  const place = usePlaceData();
  const { data: answered, problem, isWaiting } = place.state.value;
  useTitle(() => place.state.value.data && isolated(place.state.value.data.name));
  // A place that was not known at a moment is not shown as at another one; in an outage the last answer stays.
  const data = problem?.status === 404 ? undefined : answered;
  return (
    <PlaceContext.Provider value={place}>
      <div class="place-page read" aria-busy={isWaiting}>
        {data === undefined && problem !== undefined && (
          <h1>{problem.status === 404 && !isNow.value ? <NameNow /> : <bdi>{placeId()}</bdi>}</h1>
        )}
        {problem?.status === 404 && !isNow.value ? (
          <p class="note">{t('place.not-then')}</p>
        ) : (
          <ProblemNote problem={problem} />
        )}
        {data === undefined && !isNow.value && <Moment />}
        {data === undefined && isWaiting && problem === undefined && (
          <p class="faint">{t('shell.loading')}</p>
        )}
        {data !== undefined && (
          <>
            <PlaceHead state={data} />
            <Moment />
            <Sides state={data} />
            <Flags state={data} />
            <History state={data} />
            <Timeline />
            <Facts state={data} />
            <Tools state={data} />
          </>
        )}
        <LiveNote />
      </div>
    </PlaceContext.Provider>
  );
}

/** The name of a place that was not known yet at the moment that is looked at. */
function NameNow() {
  const answer = useAnswer<State>(() => {
    const path = placePath();
    return path === undefined ? undefined : { path };
  });
  return <bdi>{answer.value.data?.name ?? placeId()}</bdi>;
}
