import { addressOf, clock, query } from '../../address/address.js';
import { only } from '../../address/query.js';
import type { State } from '../../api/answers.js';
import { shownTime } from '../../language/dates.js';
import { t } from '../../language/language.js';
import { fixAddress } from '../../take/bookmark.js';
import { wantsPrint } from '../../take/print.js';
import { TakePanel } from '../../take/take-panel.js';
import { historyQuestion } from '../history.js';
import { placePath } from '../place-data.js';
import { FILTERS, timelineQuestion } from '../timeline.js';

/** What one can take along of a place. */
export function Tools({ state: { id, name, status } }: { state: State }) {
  const [path, timeline, history] = [placePath(), timelineQuestion(), historyQuestion()];
  if (path === undefined || timeline === undefined || history === undefined) return null;
  const question = { path, query: clock.value };
  return (
    <>
      <TakePanel
        cited={() => ({
          id,
          title: `${name}: ${t(`status.${status}`)}`,
          questions: [question],
          address: fixAddress(),
        })}
        files={[
          {
            name: t('timeline.title'),
            path: 'v1/exports/statements',
            query: { location: id, ...only(query.value, FILTERS), ...clock.value },
          },
        ]}
        api={[
          { name: t('take.state'), ...question },
          { name: t('timeline.title'), ...timeline },
          { name: t('history.title'), ...history },
        ]}
      >
        <p>
          <button type="button" disabled={wantsPrint.value} onClick={() => (wantsPrint.value = true)}>
            {t('take.print')}
          </button>
        </p>
      </TakePanel>
      <p class="print-only small">
        {t('take.seen', { date: shownTime(Date.now(), 'minute') })} ·{' '}
        {addressOf({ view: 'place', id }, clock.value)}
      </p>
    </>
  );
}
