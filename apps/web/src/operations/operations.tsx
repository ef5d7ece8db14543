import { Link } from '../address/link.js';
import { useTitle } from '../address/title.js';
import type { Page } from '../api/answers.js';
import { useAnswer } from '../api/question.js';
import { may } from '../api/session.js';
import { shownTime, Time } from '../language/dates.js';
import { language, t } from '../language/language.js';
import { ProblemNote, SignInLink } from '../look/problem.js';
import type { Checkpoint, Health, LetterCounts, Projections, RulesetVersion, Run } from './answers.js';
import { OFTEN_MS, SELDOM_MS } from './often.js';
import { RunsTable } from './runs.js';
import './operations.css';

/** How the service does: what waits to be projected, what runs, what was refused, and what the log is. */
export function Operations() {
  useTitle(() => t('operations.title'));
  const mayOperate = may('operate');
  return (
    <div class="read">
      <h1>{t('operations.title')}</h1>
      <Ready />
      <Lag />
      {mayOperate === true && (
        <>
          <Runs />
          <Letters />
        </>
      )}
      {mayOperate === false && (
        <section aria-labelledby="runs">
          <h2 id="runs">{t('operations.runs-and-letters')}</h2>
          <p>
            {t('operations.need-operate')} <SignInLink />
          </p>
        </section>
      )}
      <Log />
      <Versions />
    </div>
  );
}

const numberOf = (value: number): string => new Intl.NumberFormat(language.value).format(value);

function Ready() {
  const { data, problem } = useAnswer<Health>(() => ({ path: 'readyz' }), undefined, OFTEN_MS).value;
  return (
    <p class="note" role="status">
      {problem === undefined
        ? data === undefined
          ? t('shell.loading')
          : t('operations.ready')
        : t('operations.not-ready', { why: problem.message })}
      {data?.warnings?.map((warning) => (
        <span class="warning">{warning}</span>
      ))}
    </p>
  );
}

function Lag() {
  const { data, problem } = useAnswer<Projections>(
    () => ({ path: 'v1/projections' }),
    undefined,
    OFTEN_MS,
  ).value;
  const shards = data?.items.toSorted(
    (a, b) => b.lag.events - a.lag.events || b.lag.seconds - a.lag.seconds || a.shard - b.shard,
  );
  const events = shards?.reduce((sum, { lag }) => sum + lag.events, 0) ?? 0;
  return (
    <section aria-labelledby="lag">
      <h2 id="lag">{t('operations.lag')}</h2>
      <ProblemNote problem={problem} />
      {shards !== undefined && (
        <>
          <p>{events === 0 ? t('operations.no-lag') : t('operations.lag-of', { n: events })}</p>
          <div class="scroll" tabIndex={0} role="group" aria-label={t('operations.lag')}>
            <table class="numbers">
              <caption class="small faint">{t('operations.by-shard', { n: shards.length })}</caption>
              <thead>
                <tr>
                  <th scope="col">{t('operations.shard')}</th>
                  <th scope="col">{t('operations.lag-events')}</th>
                  <th scope="col">{t('operations.lag-seconds')}</th>
                  <th scope="col">{t('operations.checkpoint')}</th>
                  <th scope="col">{t('operations.head')}</th>
                </tr>
              </thead>
              <tbody>
                {shards.map(({ shard, head, checkpoint, lag }) => (
                  <tr key={shard}>
                    <th scope="row">{shard}</th>
                    <td>{numberOf(lag.events)}</td>
                    <td>{numberOf(lag.seconds)}</td>
                    <td>{numberOf(checkpoint)}</td>
                    <td>{numberOf(head)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}

function Runs() {
  const { data, problem } = useAnswer<Page<Run>>(
    () => ({ path: 'v1/replays', query: { limit: '10' } }),
    undefined,
    OFTEN_MS,
  ).value;
  return (
    <section aria-labelledby="runs">
      <h2 id="runs">{t('operations.runs')}</h2>
      <ProblemNote problem={problem} />
      {data !== undefined &&
        (data.items.length === 0 ? <p>{t('operations.no-runs')}</p> : <RunsTable runs={data.items} />)}
    </section>
  );
}

function Letters() {
  const { data, problem } = useAnswer<LetterCounts>(
    () => ({ path: 'v1/dead-letters/counts' }),
    undefined,
    OFTEN_MS,
  ).value;
  return (
    <section aria-labelledby="letters">
      <h2 id="letters">{t('operations.letters')}</h2>
      <ProblemNote problem={problem} />
      {data !== undefined && (
        <p>
          {t('operations.letters-open', { n: data.open })}{' '}
          <Link to={{ view: 'dead-letters' }}>{t('operations.letters-all')}</Link>
        </p>
      )}
    </section>
  );
}

function Log() {
  const { data, problem } = useAnswer<Checkpoint>(
    () => ({ path: 'v1/checkpoint' }),
    undefined,
    SELDOM_MS,
  ).value;
  return (
    <section aria-labelledby="log">
      <h2 id="log">{t('operations.log')}</h2>
      <ProblemNote problem={problem} />
      {data !== undefined && (
        <>
          <dl class="facts">
            <dt>{t('operations.store')}</dt>
            <dd>
              <code>{data.storeId}</code>
            </dd>
            <dt>{t('operations.events')}</dt>
            <dd>{numberOf(data.heads.reduce((sum, { size }) => sum + size, 0))}</dd>
            <dt>{t('operations.checkpoint-time')}</dt>
            <dd>
              <Time at={data.time} precision="second" />
            </dd>
          </dl>
          <details>
            <summary>{t('operations.trees')}</summary>
            <div class="scroll" tabIndex={0} role="group" aria-label={t('operations.trees')}>
              <table>
                <thead>
                  <tr>
                    <th scope="col">{t('operations.shard')}</th>
                    <th scope="col">{t('operations.events')}</th>
                    <th scope="col">{t('operations.root')}</th>
                  </tr>
                </thead>
                <tbody>
                  {data.heads.map(({ shard, size, root }) => (
                    <tr key={shard}>
                      <th scope="row">{shard}</th>
                      <td>{numberOf(size)}</td>
                      <td>
                        <code>{root}</code>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </details>
        </>
      )}
    </section>
  );
}

function Versions() {
  const { data, problem } = useAnswer<Page<RulesetVersion>>(
    () => ({ path: 'v1/rulesets' }),
    undefined,
    SELDOM_MS,
  ).value;
  return (
    <section aria-labelledby="versions">
      <h2 id="versions">{t('operations.versions')}</h2>
      <ProblemNote problem={problem} />
      <dl class="facts">
        <dt>Claimline</dt>
        <dd>{import.meta.env['CLAIMLINE_VERSION']}</dd>
        <dt>{t('operations.ruleset')}</dt>
        <dd>
          {data?.items.map(({ version, firstUsedAt, inForce }) => (
            <span class="version" key={version}>
              {version}, {t('list.since', { date: shownTime(firstUsedAt, 'minute') })}
              {inForce && `, ${t('operations.in-force')}`}
            </span>
          ))}
        </dd>
      </dl>
    </section>
  );
}
