import { clock, route } from '../address/address.js';
import { Link } from '../address/link.js';
import { only } from '../address/query.js';
import type { Statement } from '../api/place-answers.js';
import { useAnswer } from '../api/question.js';
import { isolated } from '../language/isolated.js';
import { shownTime } from '../language/dates.js';
import { t } from '../language/language.js';
import { missed } from '../live/live.js';
import { ProblemNote } from '../look/problem.js';
import { StatementEntry } from '../saying/statement-entry.js';
import { useTitle } from '../address/title.js';
import { citedView } from '../take/bookmark.js';
import { FixedNote } from '../take/fixed-note.js';
import { TakePanel } from '../take/take-panel.js';
import { ProofOf } from './proof-of.js';
import { StatementFacts } from './statement-facts.js';
import './statements.css';

const question = () =>
  route.value.view === 'statement'
    ? {
        path: `v1/statements/${encodeURIComponent(route.value.id)}`,
        query: only(clock.value, ['asOf', 'knownAt']),
      }
    : undefined;

const nameOf = ({ speaker, statedAt }: Statement): string =>
  [speaker.name ?? speaker.party, shownTime(statedAt)].filter((part) => part !== null).join(', ');

/** One statement, whole: all that was recorded of it, what has become of it, and the proof that the log has it. */
export function StatementView() {
  const answer = useAnswer<Statement>(question, () => missed.value);
  const { data: said, problem, isWaiting } = answer.value;
  useTitle(() => answer.value.data && `${t('statement.title')}: ${isolated(answer.value.data.place.name)}`);
  return (
    <div class="read" aria-busy={isWaiting}>
      <h1>
        {t('statement.title')}
        {said !== undefined && (
          <>
            {': '}
            <Link to={{ view: 'place', id: said.place.id }}>
              <bdi>{said.place.name}</bdi>
            </Link>
          </>
        )}
      </h1>
      <FixedNote />
      <ProblemNote problem={problem} />
      {said !== undefined && (
        <>
          <StatementEntry said={said} />
          <StatementFacts said={said} />
          <ProofOf eventId={said.eventId} />
          <TakePanel
            cited={() =>
              citedView(said.statementId, `${t('statement.title')}: ${said.place.name}, ${nameOf(said)}`)
            }
            api={[question()]
              .filter((one) => one !== undefined)
              .map((one) => ({ name: t('statement.title'), ...one }))}
          />
        </>
      )}
    </div>
  );
}
