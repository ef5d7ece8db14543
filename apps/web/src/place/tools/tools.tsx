import { addressOf, clock } from '../../address/address.js';
import type { State } from '../../api/answers.js';
import { apiAddress } from '../../api/request.js';
import { shownTime } from '../../language/dates.js';
import { t } from '../../language/language.js';
import { historyQuestion } from '../history.js';
import { placePath } from '../place-data.js';
import { timelineQuestion } from '../timeline.js';
import { Cite } from '../../take/cite-view.js';
import { CopyButton } from '../../take/copy-button.js';
import { Downloads } from './downloads.js';

/** What one can take along of what is shown. */
export function Tools({ state }: { state: State }) {
  return (
    <section class="tools" aria-labelledby="tools-title">
      <h2 id="tools-title" class="no-print">
        {t('tools.title')}
      </h2>
      <Cite state={state} />
      <div class="no-print">
        <details>
          <summary>{t('tools.api')}</summary>
          <Addresses />
        </details>
        <Downloads />
        <p>
          <button type="button" onClick={() => print()}>
            {t('tools.print')}
          </button>
        </p>
      </div>
      <p class="print-only small">
        {t('tools.seen', { date: shownTime(Date.now(), 'minute') })} ·{' '}
        {addressOf({ view: 'place', id: state.id }, clock.value)}
      </p>
    </section>
  );
}

/** The API's addresses of what is shown, with the same moment and filters. */
function Addresses() {
  const [state, timeline, history] = [placePath(), timelineQuestion(), historyQuestion()];
  if (state === undefined || timeline === undefined || history === undefined) return null;
  const addresses = [
    [t('tools.api-state'), apiAddress(state, clock.value)],
    [t('timeline.title'), apiAddress(timeline.path, timeline.query)],
    [t('history.title'), apiAddress(history.path, history.query)],
  ] as const;
  return (
    <dl class="facts">
      {addresses.map(([name, address]) => (
        <>
          <dt>{name}</dt>
          <dd>
            <a href={address} class="long">
              {address}
            </a>{' '}
            <CopyButton text={address} of={name} />
          </dd>
        </>
      ))}
    </dl>
  );
}
