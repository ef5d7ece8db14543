import { query, route } from '../address/address.js';
import { CLOCK_NAMES, only } from '../address/query.js';
import type { Outcomes } from '../api/reading-answers.js';
import { useAnswer } from '../api/question.js';
import { Time } from '../language/dates.js';
import { isolated } from '../language/isolated.js';
import { t } from '../language/language.js';
import { missed } from '../live/live.js';
import { ProblemNote } from '../look/problem.js';
import { useTitle } from '../address/title.js';
import { citedView } from '../take/bookmark.js';
import { FixedNote } from '../take/fixed-note.js';
import { TakePanel } from '../take/take-panel.js';
import { questionOf } from '../statements/question.js';
import { StatementList } from '../statements/statement-list.js';
import { OutcomeTable } from './outcome-table.js';
import './speakers.css';

const nameNow = (of: 'speaker' | 'outlet') => (route.value.view === of ? route.value.name : undefined);

/** What a speaker said, or an outlet reported, and what has become of it. */
function SourcePage({ of }: { of: 'speaker' | 'outlet' }) {
  const outcomes = () => {
    const name = nameNow(of);
    return name === undefined
      ? undefined
      : {
          path: `v1/${of}s/${encodeURIComponent(name)}`,
          query: only(query.value, ['from', 'to', ...CLOCK_NAMES]),
        };
  };
  const statements = () => {
    const name = nameNow(of);
    return name === undefined
      ? undefined
      : { path: 'v1/statements', query: { ...questionOf(query.value), [of]: name } };
  };
  const answer = useAnswer<Outcomes>(outcomes, () => missed.value);
  const { data, problem, isWaiting } = answer.value;
  const name = nameNow(of);
  useTitle(() => {
    const shown = nameNow(of);
    return shown && isolated(shown);
  });
  if (name === undefined) return null;
  return (
    <div class="read" aria-busy={isWaiting}>
      <h1>
        <bdi>{name}</bdi> <span class="faint kind">{t(`source.${of}`)}</span>
      </h1>
      <FixedNote />
      <ProblemNote problem={problem} />
      {data !== undefined && (
        <p>
          {t('source.statements', { n: data.statements })}
          {data.places > 0 && ` ${t('source.places', { n: data.places })}`}
          {data.firstStatedAt !== null && (
            <>
              {' · '}
              <Time at={data.firstStatedAt} precision="day" />
              {data.firstStatedAt.slice(0, 10) !== data.lastStatedAt?.slice(0, 10) && (
                <>
                  {' – '}
                  <Time at={data.lastStatedAt} precision="day" />
                </>
              )}
            </>
          )}
        </p>
      )}
      {data !== undefined && data.statements > 0 && <OutcomeTable answer={data} />}
      <section aria-labelledby="source-statements">
        <h2 id="source-statements">{t('source.all')}</h2>
        <StatementList asked={statements} />
      </section>
      <TakePanel
        cited={() => citedView(of, `${name} (${t(`source.${of}`)})`)}
        files={[{ name: t('source.all'), ...statements()!, path: 'v1/exports/statements' }]}
        api={[
          { name: t('take.outcomes'), ...outcomes()! },
          { name: t('source.all'), ...statements()! },
        ]}
      />
    </div>
  );
}

export const SpeakerPage = () => <SourcePage of="speaker" />;
export const OutletPage = () => <SourcePage of="outlet" />;
