import { Link } from '../address/link.js';
import type { Change } from '../api/reading-answers.js';
import { partyName } from '../language/parties.js';
import { listed, t } from '../language/language.js';
import { StatusWord } from '../look/status-mark.js';
import { Reason, SourceLink, Spoken, Words } from '../saying/provenance.js';
import { saidPhrase } from '../saying/said.js';
import { saySentence } from '../saying/say.js';

/** One change: the place, what it was and has become, and what was said that changed it. */
export function ChangeEntry({ change: { id, name, from, to, statement, eventId } }: { change: Change }) {
  return (
    <article class="change">
      <h3>
        <Link to={{ view: 'place', id }}>
          <bdi>{name}</bdi>
        </Link>
      </h3>
      <p class="change-stages">
        <StatusWord status={from.status} />
        <Holders ids={from.holders} />
        <span class="change-arrow" aria-hidden="true">
          →
        </span>
        <span class="unseen">{t('changes.then')}</span>
        <StatusWord status={to.status} />
        <Holders ids={to.holders} />
      </p>
      {statement && <Cause statement={statement} isRetraction={statement.eventId !== eventId} />}
    </article>
  );
}

/** Who is said to hold it, by name, so that no side comes first. */
const Holders = ({ ids }: { ids: readonly string[] }) =>
  ids.length === 0 ? null : <span class="faint">({listed(ids.map(partyName).toSorted())})</span>;

function Cause({
  statement,
  isRetraction,
}: {
  statement: NonNullable<Change['statement']>;
  isRetraction: boolean;
}) {
  const { statementId, source, retracted } = statement;
  return (
    <>
      <p>
        {isRetraction && <b>{t('changes.retracted')} </b>}
        <Link
          to={{ view: 'statement', id: statementId }}
          class={isRetraction ? 'said-link struck' : 'said-link'}
        >
          {saySentence(saidPhrase(statement))}
        </Link>
        {isRetraction && retracted !== null && <Reason text={retracted.reason} />}
      </p>
      <Words source={source} />
      <p class="small faint">
        <Spoken {...statement} />
        {source !== null && (source.url !== undefined || source.outlet !== undefined) && (
          <>
            {' · '}
            {t('said.source')} <SourceLink source={source} />
          </>
        )}
      </p>
    </>
  );
}
