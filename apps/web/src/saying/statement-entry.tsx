import { Link } from '../address/link.js';
import type { Evidence } from '../api/answers.js';
import type { Statement } from '../api/place-answers.js';
import { Time } from '../language/dates.js';
import { t } from '../language/language.js';
import { partyName } from '../language/parties.js';
import { Provenance, Reason, SourceLink, Spoken, When, Words } from './provenance.js';
import { isHint, isPartialLoss, saidPhrase } from './said.js';
import { saySentence } from './say.js';
import './statement.css';

/** One statement: what was said and by whom, when, where it was read, and whether it still stands. */
export function StatementEntry({ said }: { said: Statement }) {
  const { statementId, speaker, retracted, voided, corrects, reason } = said;
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
        <Spoken {...said} />
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
          <Reason text={voided.reason} />
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
          <Reason text={retracted.reason} /> <SourceLink source={retracted.source} />
        </p>
      )}
      {corrects !== null && (
        <p class="small">
          <Link to={{ view: 'statement', id: corrects }}>{t('said.corrects')}</Link>
          <Reason text={reason} />
        </p>
      )}
    </article>
  );
}

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
