import { useSignal } from '@preact/signals';
import { query, setQuery } from '../address/address.js';
import { Link } from '../address/link.js';
import { only } from '../address/query.js';
import type { Page } from '../api/answers.js';
import { useAnswer } from '../api/question.js';
import { get } from '../api/request.js';
import { Time } from '../language/dates.js';
import { maybe, t } from '../language/language.js';
import { ProblemNote } from '../look/problem.js';
import type { DeadLetter, LetterCounts } from './answers.js';
import './operations.css';

const STATES = ['open', 'retried', 'discarded', 'all'] as const;

/** What the recorder refused: newest first, by its outcome and by the reason. */
export function DeadLetters() {
  const filter = () => only(query.value, ['state', 'code', 'text', 'cursor']);
  const counts = useAnswer<LetterCounts>(() => ({ path: 'v1/dead-letters/counts' }), filter).value.data;
  const { data, problem } = useAnswer<Page<DeadLetter>>(() => ({
    path: 'v1/dead-letters',
    query: filter(),
  })).value;
  const state = query.value['state'] ?? 'open';
  return (
    <div class="read">
      <p>
        <Link to={{ view: 'operations' }}>{t('operations.title')}</Link>
      </p>
      <h1>{t('operations.letters')}</h1>
      <div class="row">
        <label>
          {t('letters.state')}{' '}
          <select
            value={state}
            onChange={({ currentTarget }) => setQuery({ state: currentTarget.value, cursor: undefined })}
          >
            {STATES.map((one) => (
              <option value={one}>
                {t(`letters.${one}`)}
                {one !== 'all' && counts !== undefined && ` (${counts[one]})`}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('letters.code')}{' '}
          <select
            value={query.value['code'] ?? ''}
            onChange={({ currentTarget }) => setQuery({ code: currentTarget.value, cursor: undefined })}
          >
            <option value="">{t('letters.any')}</option>
            {counts?.codes.map(({ code, open }) => (
              <option value={code}>
                {code} ({open})
              </option>
            ))}
          </select>
        </label>
      </div>
      <ProblemNote problem={problem} />
      {data?.items.length === 0 && <p class="note">{t('letters.none')}</p>}
      <ol class="letters">
        {data?.items.map((letter) => (
          <Letter key={letter.id} letter={letter} />
        ))}
      </ol>
      {data?.nextCursor != null && (
        <button type="button" onClick={() => setQuery({ cursor: data.nextCursor! })}>
          {t('letters.next')}
        </button>
      )}
    </div>
  );
}

function Letter({ letter }: { letter: DeadLetter }) {
  const whole = useSignal<string | undefined>(undefined);
  const open = async () => {
    whole.value ??= JSON.stringify(
      await get(`v1/dead-letters/${encodeURIComponent(letter.id)}`).catch((error: Error) => error.message),
      null,
      2,
    );
  };
  return (
    <li>
      <b>{letter.code}</b> {letter.detail}
      <span class="small faint letter-facts">
        <Time at={letter.deadAt} precision="second" /> · {letter.topic} {letter.partition}:{letter.offset}
        {letter.outcome !== null &&
          ` · ${maybe(`letters.${letter.outcome}`) ?? letter.outcome} ${letter.decidedBy ?? ''}`}
      </span>
      <details onToggle={() => void open()}>
        <summary>{t('letters.whole')}</summary>
        <pre class="scroll" tabIndex={0}>
          {whole.value ?? t('shell.loading')}
        </pre>
      </details>
    </li>
  );
}
