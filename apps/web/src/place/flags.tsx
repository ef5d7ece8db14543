import { useSignal } from '@preact/signals';
import type { Flag, State } from '../api/answers.js';
import { maybe, t } from '../language/language.js';
import { flagPhrases } from './flag-phrase.js';
import { usePlace } from './place-data.js';
import { PlaceLink } from './place-link.js';
import { sentence } from '../saying/phrase.js';
import { labelsOf, saySentence } from '../saying/say.js';
import { StatementEntry } from '../saying/statement-entry.js';

/** What else is said of the place: fighting, encirclement, hints, doubts; each in words, with its evidence. */
export function Flags({ state: { flags } }: { state: State }) {
  if (flags.length === 0) return null;
  return (
    <section aria-labelledby="flags-title">
      <h2 id="flags-title">{t('flags.title')}</h2>
      <ul class="flags plain-list">
        {flags.map((flag) => (
          <li key={`${flag.flag} ${flag.holder ?? ''}`}>
            <FlagItem flag={flag} />
          </li>
        ))}
      </ul>
    </section>
  );
}

const MOST_CANDIDATES = 10;

function FlagItem({ flag }: { flag: Flag }) {
  const { details, isSettled } = usePlace();
  const isOpen = useSignal(false);
  const { evidence, candidates = [], more = 0 } = flag;
  const known = evidence.map((id) => details.value.get(id)).filter((one) => one !== undefined);
  // Those that are older than what the page has read, and those that no list names.
  const unseen = evidence.length - known.length + more;
  return (
    <>
      <p>
        <strong>{sentence(maybe(`flag.${flag.flag}`) ?? flag.flag)}.</strong>{' '}
        {flagPhrases(flag, labelsOf(details.value.values())).map((phrase) => `${saySentence(phrase)} `)}
        {candidates.slice(0, MOST_CANDIDATES).map((id, at) => (
          <span key={id}>
            {at > 0 && ' · '}
            <PlaceLink id={id} />
          </span>
        ))}
        {candidates.length > MOST_CANDIDATES && ' …'}
      </p>
      {evidence.length > 0 && (
        <details open={isOpen.value} onToggle={({ currentTarget }) => (isOpen.value = currentTarget.open)}>
          <summary>{t('flags.evidence', { n: evidence.length + more })}</summary>
          {isOpen.value && (
            <ul class="plain-list">
              {known.map((said) => (
                <li key={said.statementId}>
                  <StatementEntry said={said} />
                </li>
              ))}
              {unseen > 0 && isSettled.value && (
                <li class="small faint">{t('flags.unseen', { n: unseen })}</li>
              )}
            </ul>
          )}
        </details>
      )}
    </>
  );
}
