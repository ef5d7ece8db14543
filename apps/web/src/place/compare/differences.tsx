import { useSignal } from '@preact/signals';
import { query } from '../../address/address.js';
import { only } from '../../address/query.js';
import type { ComponentChildren } from 'preact';
import type { Status } from '../../api/answers.js';
import type { Comparison } from '../../api/place-answers.js';
import { ApiProblem, get } from '../../api/request.js';
import { listed, maybe, t } from '../../language/language.js';
import { partyName } from '../../language/parties.js';
import { ProblemNote } from '../../look/problem.js';
import { StatusWord } from '../../look/status-mark.js';
import { placePath } from '../place-data.js';
import { extentPhrase } from '../../saying/said.js';
import { say } from '../../saying/say.js';
import { sentence } from '../../saying/phrase.js';
import { StatementEntry } from '../../saying/statement-entry.js';
import { pointOf } from '../../compare/moments.js';
import { MomentName } from './state-at.js';

type Differing = Comparison['differences'];

/** What differs between two moments: status, claims, flags, and the statements between them. */
export function Differences({ comparison }: { comparison: Comparison }) {
  const { status, control, flags, statements } = comparison.differences;
  const isSame = status === null && control.length === 0 && flags.length === 0;
  return (
    <section aria-labelledby="differences-title">
      <h2 id="differences-title">{t('compare.differs')}</h2>
      {isSame && statements.items.length === 0 && <p class="note">{t('compare.same')}</p>}
      {isSame && statements.items.length > 0 && <p>{t('compare.same-state')}</p>}
      {!isSame && (
        <div class="scroll" tabIndex={0} role="region" aria-label={t('compare.table')}>
          <table class="differences">
            <thead>
              <tr>
                <th scope="col">{t('compare.what')}</th>
                {(['a', 'b'] as const).map((which) => (
                  <th key={which} scope="col">
                    <MomentName state={comparison[which]} point={pointOf(query.value[which])} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {status !== null && <StatusRow status={status} />}
              {control.map((one) => (
                <Row
                  key={one.holder}
                  name={t('compare.claim-of', { holder: partyName(one.holder) })}
                  {...both(one, (moment) =>
                    moment === null ? t('compare.no-claim') : standingWords(moment),
                  )}
                />
              ))}
              {flags.map((one) => (
                <Row
                  key={`${one.flag} ${one.holder ?? ''}`}
                  name={[
                    sentence(maybe(`flag.${one.flag}`) ?? one.flag),
                    one.holder !== null && partyName(one.holder),
                  ]
                    .filter(Boolean)
                    .join(': ')}
                  {...both(one, (moment) => (moment === null ? t('compare.no-flag') : flagWords(moment)))}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Between first={statements} />
    </section>
  );
}

const both = <T,>({ a, b }: { a: T | null; b: T | null }, words: (moment: T | null) => string) => ({
  a: words(a),
  b: words(b),
});

function StatusRow({ status: { a, b } }: { status: NonNullable<Differing['status']> }) {
  const word = (status: Status | undefined) =>
    status === undefined ? t('compare.unknown') : <StatusWord status={status} />;
  return <Row name={t('filter.status')} a={word(a?.status)} b={word(b?.status)} />;
}

function Row({ name, a, b }: { name: string; a: ComponentChildren; b: ComponentChildren }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{a}</td>
      <td>{b}</td>
    </tr>
  );
}

function standingWords({ standing, extent }: NonNullable<Differing['control'][number]['a']>): string {
  const word = maybe(`claim-standing.${standing}`) ?? standing;
  return extent === null ? word : `${word} (${say(extentPhrase(extent))})`;
}

const flagWords = ({ assertedBy, deniedBy }: NonNullable<Differing['flags'][number]['a']>): string =>
  [
    assertedBy.length > 0 && t('compare.asserted', bySides(assertedBy)),
    deniedBy.length > 0 && t('compare.denied', bySides(deniedBy)),
  ]
    .filter(Boolean)
    .join('; ') || t('compare.yes');

const bySides = (sides: readonly string[]) => ({
  n: sides.length,
  by: listed(sides.map(partyName).toSorted()),
});

/** The statements that one of the moments sees differently, oldest first. */
function Between({ first }: { first: Differing['statements'] }) {
  const pages = useSignal([first]);
  const problem = useSignal<ApiProblem | undefined>(undefined);
  const cursor = pages.value.at(-1)!.nextCursor;
  const items = pages.value.flatMap((page) => page.items);
  const more = async () => {
    const path = placePath('/compare');
    if (path === undefined || cursor === null) return;
    try {
      const question = { limit: '500', ...only(query.value, ['a', 'b', 'ruleset']), cursor };
      const next = await get<Comparison>(path, question);
      problem.value = undefined;
      pages.value = [...pages.value, next.differences.statements];
    } catch (error) {
      problem.value = error as ApiProblem;
    }
  };
  if (items.length === 0) return null;
  return (
    <>
      <h3>{t('compare.between', { n: items.length })}</h3>
      <ol class="timeline plain-list">
        {items.map(({ a, b, statement }) => (
          <li key={statement.statementId}>
            <p class="small bearing">
              {t(`bearing.${a}`)} → {t(`bearing.${b}`)}
            </p>
            <StatementEntry said={statement} />
          </li>
        ))}
      </ol>
      <ProblemNote problem={problem.value} />
      {cursor !== null && (
        <button type="button" onClick={() => void more()}>
          {t('timeline.more')}
        </button>
      )}
    </>
  );
}
