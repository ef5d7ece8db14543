import { useSignal, useSignalEffect } from '@preact/signals';
import { addressOf, clock, query } from '../address/address.js';
import type { State } from '../api/answers.js';
import type { Checkpoint } from '../api/place-answers.js';
import { apiAddress, ApiProblem, get } from '../api/request.js';
import { shownTime } from '../language/dates.js';
import { t } from '../language/language.js';
import { ProblemNote } from '../look/problem.js';
import { bibtexOf, bookmarkOf, type Citation, cslOf, headsOf, headsText } from './cite.js';
import { placePath } from '../place/place-data.js';
import { CopyButton } from './copy-button.js';
import { saveText } from './save.js';

/** A permanent address of exactly this, and what proves it, to copy. It is made when it is asked for. */
export function Cite({ state }: { state: State }) {
  const isOpen = useSignal(false);
  const citation = useSignal<Citation | undefined>(undefined);
  const problem = useSignal<ApiProblem | undefined>(undefined);
  useSignalEffect(() => {
    const path = placePath();
    const { value: asked } = query;
    if (!isOpen.value || path === undefined) return;
    const ended = new AbortController();
    citation.value = undefined;
    problem.value = undefined;
    citationOf(path, asked, ended.signal).then(
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
      {citation.value !== undefined && <Texts citation={citation.value} state={state} />}
    </details>
  );
}

function Texts({ citation, state }: { citation: Citation; state: State }) {
  const { url, storeId, rulesetVersion, heads, accessed } = citation;
  const title = `${citation.title}: ${t(`status.${state.status}`)}`;
  const own = { ...citation, title };
  const text = t('cite.text', {
    title,
    store: storeId,
    ruleset: rulesetVersion,
    checkpoint: headsText(heads),
    date: shownTime(accessed, 'minute'),
    url,
  });
  return (
    <>
      <p class="small">{t('cite.why')}</p>
      <Block label={t('cite.link')} text={url} />
      <Block label={t('cite.words')} text={text} />
      <p class="row no-print">
        <button
          type="button"
          onClick={() => saveText(`claimline-${state.id}.bib`, 'application/x-bibtex', [bibtexOf(own)])}
        >
          BibTeX
        </button>
        <button
          type="button"
          onClick={() =>
            saveText(`claimline-${state.id}.json`, 'application/vnd.citationstyles.csl+json', [cslOf(own)])
          }
        >
          CSL-JSON
        </button>
      </p>
    </>
  );
}

function Block({ label, text }: { label: string; text: string }) {
  return (
    <div class="cite-block">
      <strong class="small">{label}</strong> <CopyButton text={text} of={label} />
      <p class="long">{text}</p>
    </div>
  );
}

/** Asks for the moment that repeats the answer, and for the trees that its events are in. */
async function citationOf(
  path: string,
  asked: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Citation> {
  const response = await fetch(apiAddress(path, clock.peek()), {
    credentials: 'same-origin',
    cache: 'no-store',
    signal,
  });
  if (!response.ok) throw new ApiProblem(response.status, `status-${response.status}`, response.statusText);
  const state = (await response.json()) as State;
  const fixed = bookmarkOf(response.headers.get('link'));
  if (fixed === undefined) throw new ApiProblem(409, 'cite-too-soon', '');
  // Asked for after the state, so that its trees hold all of the state's events.
  const checkpoint = await get<Checkpoint>('v1/checkpoint', {}, signal);
  return {
    id: state.id,
    title: state.name,
    url: addressOf({ view: 'place', id: state.id }, { ...asked, ...fixed }),
    storeId: checkpoint.storeId,
    rulesetVersion: state.rulesetVersion,
    heads: headsOf(checkpoint, state.token),
    accessed: checkpoint.time,
  };
}
