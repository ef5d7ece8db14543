import { Link } from '../address/link.js';
import type { Source, Statement } from '../api/place-answers.js';
import { Time } from '../language/dates.js';
import { listed, maybe, t } from '../language/language.js';
import { partyName } from '../home/parties.js';
import { isHint, isPartialLoss, saidPhrase } from './said.js';
import { saySentence, shownAs } from './say.js';
import type { Evidence } from '../api/answers.js';

/** A time as exact as it was given. */
export function When({ at, precision }: { at: string; precision: string }) {
  return <time dateTime={at}>{shownAs(at, precision === 'time' ? 'minute' : precision)}</time>;
}

/** One statement: what was said and by whom, when, where it was read, and whether it still stands. */
export function StatementEntry({ said }: { said: Statement }) {
  const { statementId, speaker, statedAt, statedPrecision, retracted, voided, corrects, reason } = said;
  const isGone = retracted !== null || voided !== null;
  return (
    <article class="said">
      <p class={isGone ? 'said-words struck' : 'said-words'}>
        <Link to={{ view: 'statement', id: statementId }} class="said-link">
          {saySentence(saidPhrase(said))}
        </Link>
        {isHint(said.claim) && <span class="chip">{t('said.hint')}</span>}
        {isPartialLoss(said) && <span class="chip">{t('said.partial-loss')}</span>}
      </p>
      <Words source={said.source} />
      <p class="small faint">
        <When at={statedAt} precision={statedPrecision} />
        {speaker.role !== null && (
          <>
            {' · '}
            <bdi>{speaker.role}</bdi>
          </>
        )}
        {speaker.givenParty !== undefined && (
          <>
            {' · '}
            {t('said.given-party')} <bdi>{speaker.givenParty}</bdi>
          </>
        )}
        {said.occurredAt !== null && (
          <>
            {' · '}
            {t('said.occurred')} <When at={said.occurredAt.from} precision={said.occurredAt.precision} />
            {said.occurredAt.to !== undefined && (
              <>
                –<When at={said.occurredAt.to} precision={said.occurredAt.precision} />
              </>
            )}
          </>
        )}
        <Provenance said={said} />
      </p>
      {voided !== null && (
        <p class="small gone">
          {t('said.voided')} <Time at={voided.recordedAt} />
          {voided.reason !== null && (
            <>
              {': '}
              <bdi>{voided.reason}</bdi>
            </>
          )}
          {voided.replacedBy !== null && (
            <>
              {' '}
              <Link to={{ view: 'statement', id: voided.replacedBy }}>{t('said.replacement')}</Link>
            </>
          )}
        </p>
      )}
      {retracted !== null && (
        <p class="small gone">
          {t('said.retracted')} <Time at={retracted.statedAt} />
          {retracted.speaker.name !== null && (
            <>
              {' · '}
              <bdi>{retracted.speaker.name}</bdi>
            </>
          )}
          {retracted.reason !== null && (
            <>
              {': '}
              <bdi>{retracted.reason}</bdi>
            </>
          )}{' '}
          <SourceLink source={retracted.source} />
        </p>
      )}
      {corrects !== null && (
        <p class="small">
          <Link to={{ view: 'statement', id: corrects }}>{t('said.corrects')}</Link>
          {reason !== null && (
            <>
              {': '}
              <bdi>{reason}</bdi>
            </>
          )}
        </p>
      )}
    </article>
  );
}

function Words({ source }: { source: Source | null }) {
  if (source?.quoteErased === true) return <p class="small faint">{t('said.quote-erased')}</p>;
  if (source == null || source.quote === null) return null;
  return (
    <blockquote lang={source.language} dir="auto">
      {source.quote}
    </blockquote>
  );
}

function SourceLink({ source }: { source: Source | null }) {
  if (source?.url === undefined) return source?.outlet === undefined ? null : <bdi>{source.outlet}</bdi>;
  return (
    <a class="source" href={source.url} rel="noreferrer">
      <bdi>{source.outlet ?? new URL(source.url).host}</bdi>
    </a>
  );
}

/** Source, chain, date of publication, grading and extraction, as far as they are known. */
function Provenance({ said }: { said: Statement }) {
  const { source, via, grading, extraction, publishedAt, publishedPrecision, statedAt } = said;
  const parts = [
    source !== null && (source.url !== undefined || source.outlet !== undefined) && (
      <>
        {t('said.source')} <SourceLink source={source} />
      </>
    ),
    publishedAt !== statedAt && (
      <>
        {t('said.published')} <When at={publishedAt} precision={publishedPrecision} />
      </>
    ),
    via.length > 0 && (
      <>
        {t('said.via')} <bdi>{listed(via)}</bdi>
      </>
    ),
    grading !== null && t('said.grading', { grade: gradeOf(grading), words: gradingWords(grading) }),
    extraction !== null &&
      t('said.extraction', {
        method: [extraction.method, extraction.version].filter(Boolean).join(' '),
        confidence:
          extraction.confidence === undefined
            ? ''
            : t('said.confidence', { n: Math.round(extraction.confidence * 100) }),
      }).trim(),
  ].filter((part) => part !== false);
  return (
    <>
      {parts.map((part, at) => (
        <span key={at}>
          {' · '}
          {part}
        </span>
      ))}
    </>
  );
}

type Grading = NonNullable<Statement['grading']>;
const gradeOf = ({ reliability, credibility }: Grading) => `${reliability ?? ''}${credibility ?? ''}`;
const gradingWords = ({ reliability, credibility }: Grading): string =>
  [
    reliability !== undefined && maybe(`grade.${reliability}`),
    credibility !== undefined && maybe(`grade.${credibility}`),
  ]
    .filter(Boolean)
    .join(', ');

/** Evidence of a statement whose words are not at hand. */
export function EvidenceEntry({
  evidence: { speaker, party, statedAt, statementId },
}: {
  evidence: Evidence;
}) {
  return (
    <p class="said">
      <Link to={{ view: 'statement', id: statementId }} class="said-link">
        <bdi>{speaker ?? (party === null ? t('said.unnamed') : partyName(party))}</bdi>
        {speaker !== null && party !== null && ` (${partyName(party)})`}
      </Link>{' '}
      <span class="small faint">
        <Time at={statedAt} />
      </span>
    </p>
  );
}
