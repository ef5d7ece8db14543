import { query } from '../address/address.js';
import { Link } from '../address/link.js';
import { isolated } from '../language/isolated.js';
import { only, type Query } from '../address/query.js';
import { t } from '../language/language.js';
import { useTitle } from '../address/title.js';
import { citedView } from '../take/bookmark.js';
import { FixedNote } from '../take/fixed-note.js';
import { TakePanel } from '../take/take-panel.js';
import { FILTERS, questionOf } from './question.js';
import { SearchForm } from './search-form.js';
import { StatementList } from './statement-list.js';

const asked = () => ({ path: 'v1/statements', query: questionOf(query.value) });

const titleOf = (filter: Query): string =>
  [t('nav.statements'), ...Object.values(only(filter, FILTERS))].join(', ');

/** Search of statements across places. */
export function Statements() {
  useTitle(() => t('nav.statements'));
  const { speaker, outlet } = query.value;
  return (
    <div class="read">
      <h1>{t('nav.statements')}</h1>
      <SearchForm />
      <p class="small row">
        {speaker !== undefined && (
          <Link to={{ view: 'speaker', name: speaker }}>
            {t('statements.of-speaker', { name: isolated(speaker) })}
          </Link>
        )}
        {outlet !== undefined && (
          <Link to={{ view: 'outlet', name: outlet }}>
            {t('statements.of-outlet', { name: isolated(outlet) })}
          </Link>
        )}
      </p>
      <FixedNote />
      <h2 class="unseen">{t('statements.found')}</h2>
      <StatementList asked={asked} />
      <TakePanel
        cited={() => citedView('statements', titleOf(query.value))}
        files={[{ name: t('nav.statements'), ...asked(), path: 'v1/exports/statements' }]}
        api={[{ name: t('nav.statements'), ...asked() }]}
      />
    </div>
  );
}
