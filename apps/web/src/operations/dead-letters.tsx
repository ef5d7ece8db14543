import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { query, setQuery } from '../address/address.js';
import { Link } from '../address/link.js';
import { only } from '../address/query.js';
import { useTitle } from '../address/title.js';
import { usePages } from '../api/pages.js';
import { useAnswer } from '../api/question.js';
import { Time } from '../language/dates.js';
import { maybe, t } from '../language/language.js';
import { ProblemNote } from '../look/problem.js';
import type { Bytes, DeadLetter, LetterCounts, WholeLetter } from './answers.js';
import { OFTEN_MS } from './often.js';
import './operations.css';

const STATES = ['open', 'retried', 'discarded', 'all'] as const;

/** What the recorder refused: newest first, by its outcome, by the reason and by words. */
export function DeadLetters() {
  useTitle(() => t('operations.letters'));
  const isAllOpen = useSignal(false);
  const pages = usePages<DeadLetter>(
    () => ({
      path: 'v1/dead-letters',
      query: { ...only(query.value, ['state', 'code', 'text']), limit: '50' },
    }),
    () => undefined,
  );
  const { items, hasMore, isWaiting, problem } = pages;
  return (
    <div class="read">
      <p>
        <Link to={{ view: 'operations' }}>{t('operations.title')}</Link>
      </p>
      <h1>{t('operations.letters')}</h1>
      <Filters />
      <ProblemNote problem={problem.value} />
      {items.value.length === 0 && !isWaiting.value && problem.value === undefined && (
        <p class="note">{t('letters.none')}</p>
      )}
      {items.value.length > 0 && (
        <button
          type="button"
          aria-pressed={isAllOpen.value}
          onClick={() => (isAllOpen.value = !isAllOpen.value)}
        >
          {t('letters.open-all')}
        </button>
      )}
      <ol class="letters">
        {items.value.map((letter) => (
          <Letter key={letter.id} letter={letter} isOpen={isAllOpen.value} />
        ))}
      </ol>
      {hasMore.value && (
        <button type="button" disabled={isWaiting.value} onClick={() => void pages.more()}>
          {t('letters.next')}
        </button>
      )}
    </div>
  );
}

function Filters() {
  const { data: counts } = useAnswer<LetterCounts>(
    () => ({ path: 'v1/dead-letters/counts' }),
    undefined,
    OFTEN_MS,
  ).value;
  const { state = 'open', code = '', text = '' } = query.value;
  const codes = new Map(counts?.codes.map((one) => [one.code, ` (${one.open})`]));
  // A reason that nothing open has any more may be asked for still.
  if (code !== '' && !codes.has(code)) codes.set(code, '');
  const search = (event: Event) => {
    event.preventDefault();
    const { value } = (event.currentTarget as HTMLFormElement).elements.namedItem('text') as HTMLInputElement;
    setQuery({ text: value.trim() });
  };
  return (
    <form class="row" role="search" onSubmit={search}>
      <label>
        {t('letters.state')}{' '}
        <select value={state} onChange={({ currentTarget }) => setQuery({ state: currentTarget.value })}>
          {STATES.map((one) => (
            <option key={one} value={one}>
              {t(`letters.${one}`)}
              {one !== 'all' && counts !== undefined && ` (${counts[one]})`}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('letters.code')}{' '}
        <select value={code} onChange={({ currentTarget }) => setQuery({ code: currentTarget.value })}>
          <option value="">{t('letters.any')}</option>
          {[...codes].map(([one, open]) => (
            <option key={one} value={one}>
              {one}
              {state === 'open' && open}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('letters.text')} <input type="search" name="text" defaultValue={text} key={text} />
      </label>
      <button type="submit">{t('letters.search')}</button>
    </form>
  );
}

function Letter({ letter, isOpen }: { letter: DeadLetter; isOpen: boolean }) {
  const isShown = useSignal(isOpen);
  useEffect(() => void (isShown.value = isOpen), [isOpen]);
  return (
    <li>
      <b>{letter.code}</b> {letter.detail}
      <span class="small faint letter-facts">
        <Time at={letter.deadAt} precision="second" /> · {letter.topic} {letter.partition}:{letter.offset}
        {letter.outcome !== null &&
          ` · ${maybe(`letters.${letter.outcome}`) ?? letter.outcome} ${letter.decidedBy ?? ''}`}
      </span>
      <details open={isShown.value} onToggle={({ currentTarget }) => (isShown.value = currentTarget.open)}>
        <summary>{t('letters.whole')}</summary>
        {isShown.value && <Message id={letter.id} />}
      </details>
    </li>
  );
}

/** The message itself, as far as it is text, with its key and headers. */
function Message({ id }: { id: string }) {
  const { data, problem } = useAnswer<WholeLetter>(() => ({
    path: `v1/dead-letters/${encodeURIComponent(id)}`,
  })).value;
  if (problem !== undefined) return <ProblemNote problem={problem} />;
  if (data === undefined) return <p class="faint">{t('shell.loading')}</p>;
  return (
    <>
      <pre class="scroll" tabIndex={0}>
        {indented(shown(data.value))}
      </pre>
      <dl class="facts small">
        <dt>{t('letters.key')}</dt>
        <dd>{shown(data.key)}</dd>
        {data.headers.map(({ name, value }) => (
          <>
            <dt>{name}</dt>
            <dd>{shown(value)}</dd>
          </>
        ))}
      </dl>
    </>
  );
}

const shown = (bytes: Bytes | null): string =>
  bytes === null ? '–' : (bytes.text ?? t('letters.bytes', { base64: bytes.base64 ?? '' }));

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
