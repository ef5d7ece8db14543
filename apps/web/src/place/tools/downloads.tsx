import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { addressOf } from '../../address/address.js';
import type { Page } from '../../api/answers.js';
import type { Statement } from '../../api/place-answers.js';
import { ApiProblem, get } from '../../api/request.js';
import { t } from '../../language/language.js';
import { ProblemNote } from '../../look/problem.js';
import { placeId } from '../place-data.js';
import { timelineQuestion } from '../timeline.js';
import { csvHead, csvRow } from './csv.js';
import { saveText } from '../../take/save.js';

const PAGE = '500';
/** What a page can hold; more is the command line's and the API's. */
const MOST = 100_000;

const FORMATS = {
  csv: { type: 'text/csv', head: csvHead, row: csvRow },
  ndjson: {
    type: 'application/x-ndjson',
    head: '',
    row: (said: Statement, pageUrl: string) => `${JSON.stringify({ ...said, pageUrl })}\n`,
  },
} as const;
type Format = keyof typeof FORMATS;

/** The timeline as it is filtered, read page by page into a file. */
export function Downloads() {
  const count = useSignal<number | undefined>(undefined);
  const isCut = useSignal(false);
  const problem = useSignal<ApiProblem | undefined>(undefined);
  const reading = useSignal<AbortController | undefined>(undefined);
  useEffect(() => () => reading.peek()?.abort(), []);
  const save = async (format: Format) => {
    const question = timelineQuestion();
    const id = placeId();
    if (question === undefined || id === undefined) return;
    const { signal } = (reading.value = new AbortController());
    const { type, head, row } = FORMATS[format];
    const parts: string[] = [head];
    problem.value = undefined;
    count.value = 0;
    isCut.value = false;
    try {
      let cursor: string | null | undefined;
      do {
        const page: Page<Statement> = await get(
          question.path,
          { ...question.query, limit: PAGE, cursor: cursor ?? undefined },
          signal,
        );
        parts.push(
          page.items
            .map((said) => row(said, addressOf({ view: 'statement', id: said.statementId }, NO_CLOCK)))
            .join(''),
        );
        count.value += page.items.length;
        cursor = page.nextCursor;
      } while (cursor !== null && count.value < MOST);
      isCut.value = cursor !== null;
      saveText(`claimline-${id}.${format}`, type, parts);
    } catch (error) {
      if (!signal.aborted)
        problem.value = error instanceof ApiProblem ? error : new ApiProblem(0, 'broken', String(error));
    }
    reading.value = undefined;
    if (problem.value !== undefined || signal.aborted) count.value = undefined;
  };
  const isBusy = reading.value !== undefined;
  return (
    <div>
      <p class="row">
        <span>{t('tools.download')}</span>
        {(['csv', 'ndjson'] as const).map((format) => (
          <button key={format} type="button" disabled={isBusy} onClick={() => void save(format)}>
            {format.toUpperCase()}
          </button>
        ))}
        {isBusy && (
          <button type="button" onClick={() => reading.value?.abort()}>
            {t('tools.stop')}
          </button>
        )}
        <span role="status" class="small faint">
          {count.value !== undefined && t('tools.rows', { n: count.value })}
          {isCut.value && ` ${t('tools.cut', { n: MOST })}`}
        </span>
      </p>
      <ProblemNote problem={problem.value} />
    </div>
  );
}

const NO_CLOCK = { asOf: undefined, knownAt: undefined, ruleset: undefined };
