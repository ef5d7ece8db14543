import { query } from '../address/address.js';
import { Link } from '../address/link.js';
import { isolated } from '../language/isolated.js';
import { t } from '../language/language.js';
import { useTitle } from '../address/title.js';
import { questionOf } from './question.js';
import { SearchForm } from './search-form.js';
import { StatementList } from './statement-list.js';

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
      {query.value['knownAt'] !== undefined && <p class="note">{t('statements.known-now')}</p>}
      <h2 class="unseen">{t('statements.found')}</h2>
      <StatementList asked={() => ({ path: 'v1/statements', query: questionOf(query.value) })} />
    </div>
  );
}
