import type { Statement } from '../api/place-answers.js';
import type { Asked } from '../api/question.js';
import { t } from '../language/language.js';
import { missed } from '../live/live.js';
import { ProblemNote } from '../look/problem.js';
import { usePages } from '../api/pages.js';
import { StatementItem } from './statement-item.js';
import './statements.css';

/** Statements of a question, newest first, page by page. */
export function StatementList({ asked }: { asked: () => Asked }) {
  const pages = usePages<Statement>(asked, () => missed.value);
  const { value: isWaiting } = pages.isWaiting;
  const { value: items } = pages.items;
  return (
    <div aria-busy={isWaiting}>
      <ProblemNote problem={pages.problem.value} />
      {!isWaiting && items.length === 0 && pages.problem.value === undefined && (
        <p class="note">{t('statements.none')}</p>
      )}
      <ol class="statement-list">
        {items.map((said) => (
          <StatementItem key={said.statementId} said={said} />
        ))}
      </ol>
      {pages.hasMore.value && (
        <button type="button" disabled={isWaiting} onClick={() => void pages.more()}>
          {t('statements.more')}
        </button>
      )}
    </div>
  );
}
