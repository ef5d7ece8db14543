import type { ComponentChildren } from 'preact';
import { Link } from '../address/link.js';
import type { Statement } from '../api/place-answers.js';
import { partyName } from '../language/parties.js';
import { Time } from '../language/dates.js';
import { isolated } from '../language/isolated.js';
import { listed, maybe, t } from '../language/language.js';
import { SourceLink, When } from '../saying/provenance.js';
import { claimPhrase } from '../saying/said.js';
import { saySentence } from '../saying/say.js';

/** Every field of a statement, in words. What was not given is not named. */
export function StatementFacts({ said }: { said: Statement }) {
  const { speaker, source, grading, extraction, occurredAt, location, voided, retracted } = said;
  const facts: (readonly [string, ComponentChildren | null | undefined | false])[] = [
    [t('statements.stance'), t(`stance.${said.stance}`)],
    [t('statement.claim'), saySentence(claimPhrase(said.claim))],
    [t('statement.actor'), said.claim.givenActor !== undefined && <bdi>{said.claim.givenActor}</bdi>],
    [
      t('statements.speaker'),
      speaker.name !== null && (
        <>
          <Link to={{ view: 'speaker', name: speaker.name }}>
            <bdi>{speaker.name}</bdi>
          </Link>
          {speaker.role !== null && (
            <>
              {', '}
              <bdi>{speaker.role}</bdi>
            </>
          )}
        </>
      ),
    ],
    [
      t('statements.party'),
      speaker.party !== null && (
        <>
          <bdi>{partyName(speaker.party)}</bdi>
          {speaker.givenParty !== undefined && (
            <>
              {' '}
              ({t('said.given-party')} <bdi>{speaker.givenParty}</bdi>)
            </>
          )}
        </>
      ),
    ],
    [t('statement.chain'), said.via.length > 0 && listed(said.via.map(isolated))],
    [t('statement.origin'), <bdi>{said.origin}</bdi>],
    [t('statement.stated'), <When at={said.statedAt} precision={said.statedPrecision} />],
    [t('statement.published'), <When at={said.publishedAt} precision={said.publishedPrecision} />],
    [
      t('statement.occurred'),
      occurredAt !== null && (
        <>
          <When at={occurredAt.from} precision={occurredAt.precision} />
          {occurredAt.to !== undefined && (
            <>
              {' – '}
              <When at={occurredAt.to} precision={occurredAt.precision} />
            </>
          )}
        </>
      ),
    ],
    [
      t('statement.place-given'),
      [
        location.name,
        location.within,
        location.region,
        location.country,
        location.code && `${location.code.scheme} ${location.code.value}`,
        location.id,
        location.coordinates && `${location.coordinates[1]}, ${location.coordinates[0]}`,
      ]
        .filter((part) => part !== undefined && part !== '')
        .map((part) => isolated(part!))
        .join(', '),
    ],
    [
      t('statements.outlet'),
      source !== null && (source.url !== undefined || source.outlet !== undefined) && (
        <>
          <SourceLink source={source} />
          {source.outlet !== undefined && (
            <>
              {' · '}
              <Link to={{ view: 'outlet', name: source.outlet }}>{t('statement.all-of-outlet')}</Link>
            </>
          )}
        </>
      ),
    ],
    [t('statement.language'), source?.language],
    [t('statement.document'), source?.documentSha256 && <code>{source.documentSha256}</code>],
    [t('statement.span'), source?.span && `${source.span.start}–${source.span.end}`],
    [
      t('statement.grading'),
      grading !== null &&
        [grading.reliability, grading.credibility]
          .filter((grade) => grade !== undefined)
          .map((grade) => `${grade} (${maybe(`grade.${grade}`) ?? ''})`)
          .join(', '),
    ],
    [
      t('statement.extraction'),
      extraction !== null &&
        [
          isolated([extraction.method, extraction.version].filter(Boolean).join(' ')),
          extraction.confidence !== undefined &&
            t('said.confidence', { n: Math.round(extraction.confidence * 100) }),
        ]
          .filter(Boolean)
          .join(' '),
    ],
    [t('statement.recorded'), <Time at={said.recordedAt} precision="second" />],
    [t('statement.by'), said.by && <bdi>{said.by}</bdi>],
    [t('statement.on-behalf'), said.onBehalfOf && <bdi>{said.onBehalfOf}</bdi>],
    [t('statement.reason'), said.reason && <bdi>{said.reason}</bdi>],
    [
      t('statement.now'),
      t(
        voided !== null
          ? 'statement.is-voided'
          : retracted !== null
            ? 'statement.is-retracted'
            : 'statement.stands',
      ),
    ],
    [t('statement.voided-by'), voided?.by && <bdi>{voided.by}</bdi>],
    [t('statement.id'), <code>{said.statementId}</code>],
    [t('statement.event'), <code>{said.eventId}</code>],
  ];
  return (
    <section aria-labelledby="facts-title">
      <h2 id="facts-title">{t('statement.facts')}</h2>
      <dl class="statement-facts">
        {facts.map(([name, value]) =>
          value ? (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ) : null,
        )}
      </dl>
    </section>
  );
}
