import type { Outcomes } from '../api/reading-answers.js';
import { shownCount } from './shown-count.js';
import { t } from '../language/language.js';
import { outcomeRows } from './outcome-rows.js';

/** What has become of the statements, each count with its definition. No sum of them is a verdict. */
export function OutcomeTable({ answer }: { answer: Outcomes }) {
  return (
    <section>
      <h2 id="outcomes-title">{t('outcomes.title')}</h2>
      <p>
        {t('outcomes.counted', { n: answer.counted })} {t('outcomes.how')} {t('outcomes.position')}
        {answer.counted < answer.statements && ` ${t('outcomes.newest')}`}
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label={t('outcomes.what')}>
        <table class="outcomes">
          <thead>
            <tr>
              <th scope="col">{t('outcomes.what')}</th>
              <th scope="col" class="number">
                {t('outcomes.all')}
              </th>
              <th scope="col" class="number">
                {t('outcomes.for')}
              </th>
              <th scope="col" class="number">
                {t('outcomes.against')}
              </th>
            </tr>
          </thead>
          <tbody>
            {outcomeRows(answer).map((row) => (
              <tr key={row.outcome}>
                <th scope="row">
                  {t(`outcome.${row.outcome}`)}
                  <span class="outcome-means small faint">{t(`outcome-means.${row.outcome}`)}</span>
                </th>
                <Count of={row.count} />
                <Count of={row.for} />
                <Count of={row.against} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** What there is none of stands back, so that the eye finds the others. */
const Count = ({ of }: { of: number | null }) => (
  <td class={of ? 'number' : 'number faint'}>{shownCount(of)}</td>
);
