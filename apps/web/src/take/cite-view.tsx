import { useSignal, useSignalEffect } from '@preact/signals';
import type { State } from '../api/answers.js';
import type { Checkpoint } from '../api/place-answers.js';
import { ApiProblem, get } from '../api/request.js';
import { shownTime } from '../language/dates.js';
import { t } from '../language/language.js';
import { ProblemNote } from '../look/problem.js';
import { fixedBy } from './bookmark.js';
import { bibtexOf, type Citation, type Cited, cslOf, headsInShort, headsOf } from './cite.js';
import { CopyField } from './copy-field.js';
import { saveText } from './save.js';

/** A permanent address of exactly this, and what proves it, to copy. It is made when it is asked for. */
export function Cite({ cited }: { cited: () => Cited }) {
  const isOpen = useSignal(false);
  const citation = useSignal<Citation | undefined>(undefined);
  const problem = useSignal<ApiProblem | undefined>(undefined);
  useSignalEffect(() => {
    if (!isOpen.value) return;
    const ended = new AbortController();
    citation.value = undefined;
    problem.value = undefined;
    citationOf(cited(), ended.signal).then(
      (made) => (citation.value = made),
      (error: unknown) => {
        if (!ended.signal.aborted)
          problem.value = error instanceof ApiProblem ? error : new ApiProblem(0, 'broken', String(error));
      },
    );
    return () => ended.abort();
  });
  return (
    <details
      class="cite"
      open={isOpen.value}
      onToggle={({ currentTarget }) => (isOpen.value = currentTarget.open)}
    >
      <summary>{t('cite.title')}</summary>
      <ProblemNote problem={problem.value} />
      {isOpen.value && citation.value === undefined && problem.value === undefined && (
        <p class="faint">{t('shell.loading')}</p>
      )}
      {citation.value !== undefined && <Texts citation={citation.value} />}
    </details>
  );
}

function Texts({ citation }: { citation: Citation }) {
  const { id, title, url, storeId, rulesetVersion, heads, accessed } = citation;
  const text = t('cite.text', {
    title,
    store: storeId,
    ruleset: rulesetVersion,
    checkpoint: headsInShort(heads),
    date: shownTime(accessed, 'minute'),
    url,
  });
  return (
    <>
      <p>{t('cite.why')}</p>
      <CopyField label={t('cite.link')} text={url} rows={3} />
      <CopyField label={t('cite.words')} text={text} rows={6} />
      <p class="row">
        <button
          type="button"
          onClick={() => saveText(`claimline-${id}.bib`, 'application/x-bibtex', bibtexOf(citation))}
        >
          BibTeX
        </button>
        <button
          type="button"
          onClick={() =>
            saveText(`claimline-${id}.json`, 'application/vnd.citationstyles.csl+json', cslOf(citation))
          }
        >
          CSL-JSON
        </button>
      </p>
    </>
  );
}

/** Asks for the moments that repeat what is shown, and for the trees that its events are in. */
async function citationOf({ id, title, questions, address }: Cited, signal: AbortSignal): Promise<Citation> {
  const bookmarks = await Promise.all(questions.map((one) => fixedBy<Partial<State>>(one, signal)));
  const [first] = bookmarks;
  // Asked for after the answers, so that its trees hold all of their events.
  const checkpoint = await get<Checkpoint>('v1/checkpoint', {}, signal);
  return {
    id,
    title,
    url: address(bookmarks.map(({ fixed }) => fixed)),
    storeId: checkpoint.storeId,
    rulesetVersion: first!.fixed['ruleset']!,
    heads: headsOf(checkpoint, first!.answer.token),
    accessed: checkpoint.time,
  };
}
