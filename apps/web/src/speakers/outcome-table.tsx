import { isNow, query, route } from '../address/address.js';
import { Link } from '../address/link.js';
import { only } from '../address/query.js';
import type { Outcome, Outcomes } from '../api/reading-answers.js';
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
                <Count of={row.outcome} n={row.count} />
                <Count of={row.outcome} position="for" n={row.for} />
                <Count of={row.outcome} position="against" n={row.against} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface Counted {
  of: Outcome;
  position?: 'for' | 'against';
  n: number | null;
}

/** A count, which leads to the statements that it counts. What there is none of stands back, so that the eye finds the others. */
function Count({ of: outcome, position, n }: Counted) {
  const source = route.value;
  if (!n || (source.view !== 'speaker' && source.view !== 'outlet'))
    return <td class="number faint">{shownCount(n)}</td>;
  return (
    <td class="number">
      {isNow.value ? (
        <Link
          to={{ view: 'statements' }}
          query={{ ...only(query.value, ['from', 'to']), [source.view]: source.name, outcome, position }}
        >
          {shownCount(n)}
        </Link>
      ) : (
        // The list knows the outcomes of now.
        shownCount(n)
      )}
    </td>
  );
}
