import type { State } from '../api/answers.js';
import { Time } from '../language/dates.js';
import { t } from '../language/language.js';
import { partyName } from '../language/parties.js';
import { StatusWord } from '../look/status-mark.js';
import { type Exactness, precisionAt } from './exactness.js';
import { Names } from './names.js';
import { usePlace } from './place-data.js';
import { say } from '../saying/say.js';
import { statePhrase } from './sentence.js';

/** The name, the status, and the sentence that says what is claimed and since when. */
export function PlaceHead({ state }: { state: State }) {
  const { details, isSettled } = usePlace();
  const { mergedFrom, names, name } = state;
  const exactly = precisionAt(state.since, details.value.values());
  const text = say(
    statePhrase(state, ({ statementId }) => details.value.get(statementId), partyName, exactly),
  );
  return (
    <header class="place-top">
      <h1>
        <bdi lang={names.find((one) => one.name === name)?.language}>{name}</bdi>
      </h1>
      <Names names={names} but={name} />
      {mergedFrom !== undefined && (
        <p class="note small">
          {t('place.merged-from')} <code>{mergedFrom}</code>
        </p>
      )}
      <p class="place-status">
        <StatusWord status={state.status} />
      </p>
      <p class={isSettled.value ? 'lead' : 'lead unsettled'}>{text}</p>
      <p class="small faint">
        {t('place.counts', { n: state.statements })} {t('place.origins', { n: state.origins })}
        {state.lastStatedAt !== null && (
          <>
            {' · '}
            {t('place.last-said')} <Time at={state.lastStatedAt} />
          </>
        )}
      </p>
      <p class="small moments">
        <MomentWords state={state} exactly={exactly} />
      </p>
    </header>
  );
}

/** Which moment is shown: always there, so that a picture of the page says it too. */
function MomentWords({
  state: { since, asOf, knownAt, rulesetVersion },
  exactly,
}: {
  state: State;
  exactly: Exactness | undefined;
}) {
  const isOpen = asOf === null || asOf >= '9999';
  return (
    <>
      <span>
        {t('place.since')}{' '}
        <strong>{since === null ? t('time.none') : <Time at={since} precision={exactly} />}</strong>
      </span>
      <span>
        {t('place.as-of')}{' '}
        <strong>
          {isOpen ? t(knownAt === null ? 'place.as-of-now' : 'place.as-of-then') : <Until at={asOf} />}
        </strong>
      </span>
      <span>
        {knownAt === null ? (
          t('place.known-all')
        ) : (
          <>
            {t('place.known-at')}{' '}
            <strong>
              <Until at={knownAt} />
            </strong>
          </>
        )}
      </span>
      <span>
        {t('place.ruleset')} <bdi>{rulesetVersion}</bdi>
      </span>
    </>
  );
}

/** A moment that includes all of its day is that day; so is a date. */
export function Until({ at }: { at: string }) {
  return /^[\d-]+$|T23:59:59.999Z$/.test(at) ? (
    <>
      {t('place.end-of')} <Time at={at} precision="day" />
    </>
  ) : (
    <Time at={at} precision="minute" />
  );
}
