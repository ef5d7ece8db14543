import { Link } from '../../address/link.js';
import type { State } from '../../api/answers.js';
import { t } from '../../language/language.js';
import { StatusWord } from '../../look/status-mark.js';
import { flagPhrases } from '../flag-phrase.js';
import { Until } from '../head.js';
import { say, saySentence } from '../../saying/say.js';
import { shortPhrase, standingPhrase } from '../sentence.js';
import type { Point } from '../../compare/moments.js';

/** The state of the place at one of the moments, in short. */
export function StateAt({
  which,
  state,
  point,
  id,
}: {
  which: 'a' | 'b';
  state: State | null;
  point: Point;
  id: string;
}) {
  return (
    <section class="side" aria-labelledby={`state-${which}`}>
      <h3 id={`state-${which}`}>
        <MomentName state={state} point={point} />
      </h3>
      {state === null ? (
        <p>{t('compare.unknown')}</p>
      ) : (
        <>
          <p class="place-status">
            <StatusWord status={state.status} />
          </p>
          <p>{say(shortPhrase(state))}</p>
          <ul class="small">
            {state.control.map((holder) => (
              <li key={holder.holder}>{saySentence(standingPhrase(holder))}</li>
            ))}
            {state.flags.map((flag) => (
              <li key={`${flag.flag} ${flag.holder ?? ''}`}>
                {flagPhrases(flag)
                  .map((phrase) => saySentence(phrase))
                  .join(' ')}
              </li>
            ))}
          </ul>
          <p class="small faint">{t('place.counts', { n: state.statements })}</p>
        </>
      )}
      <p class="small no-print">
        <Link to={{ view: 'place', id }} query={{ asOf: point.asOf, knownAt: point.knownAt }}>
          {t('compare.show')}
        </Link>
      </p>
    </section>
  );
}

/** A moment in words, from the answer: a date is the end of its day. */
export function MomentName({ state, point }: { state: State | null; point: Point }) {
  const asOf = state?.asOf ?? point.asOf;
  const knownAt = state?.knownAt ?? point.knownAt;
  return (
    <>
      {asOf === undefined || asOf >= '9999' ? t('place.as-of-now') : <Until at={asOf} />}
      {knownAt !== undefined && (
        <>
          {', '}
          {t('place.known-at')} <Until at={knownAt} />
        </>
      )}
    </>
  );
}
