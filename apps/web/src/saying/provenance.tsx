import type { Source, Statement } from '../api/place-answers.js';
import { isolated } from '../language/isolated.js';
import { listed, maybe, t } from '../language/language.js';
import { shownAs } from './say.js';

/** A time as exact as it was given. */
export function When({ at, precision }: { at: string; precision: string }) {
  return <time dateTime={at}>{shownAs(at, precision === 'time' ? 'minute' : precision)}</time>;
}

/** When it was said, and the speaker's role. */
export function Spoken({ statedAt, statedPrecision, speaker: { role } }: SpokenProps) {
  return (
    <>
      <When at={statedAt} precision={statedPrecision} />
      {role !== null && (
        <>
          {' · '}
          <bdi>{role}</bdi>
        </>
      )}
    </>
  );
}
type SpokenProps = Pick<Statement, 'statedAt' | 'statedPrecision' | 'speaker'>;

/** Why, behind what was done; nothing where nobody said it. */
export function Reason({ text }: { text: string | null }) {
  if (text === null) return null;
  return (
    <>
      {': '}
      <bdi>{text}</bdi>
    </>
  );
}

/** The words as published. */
export function Words({ source }: { source: Source | null }) {
  if (source?.quoteErased === true) return <p class="small faint">{t('said.quote-erased')}</p>;
  if (source == null || source.quote === null) return null;
  return (
    <blockquote lang={source.language} dir="auto">
      {source.quote}
    </blockquote>
  );
}

export function SourceLink({ source }: { source: Source | null }) {
  if (source?.url === undefined) return source?.outlet === undefined ? null : <bdi>{source.outlet}</bdi>;
  return (
    <a class="source" href={source.url} rel="noreferrer">
      <bdi>{source.outlet ?? new URL(source.url).host}</bdi>
    </a>
  );
}

/** Source, chain, date of publication, grading and extraction, as far as they are known. */
export function Provenance({ said }: { said: Statement }) {
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
        {t('said.via')} {listed(via.map(isolated))}
      </>
    ),
    grading !== null && t('said.grading', { grade: gradeOf(grading), words: gradingWords(grading) }),
    extraction !== null &&
      t('said.extraction', {
        method: isolated([extraction.method, extraction.version].filter(Boolean).join(' ')),
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
