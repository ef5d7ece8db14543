import { Link } from '../address/link.js';
import type { Page } from '../api/answers.js';
import { useAnswer } from '../api/question.js';
import { Time } from '../language/dates.js';
import { t } from '../language/language.js';
import { ProblemNote } from '../look/problem.js';
import type { Checkpoint, Health, LetterCounts, Projections, Run } from './answers.js';
import { RunsTable } from './runs.js';
import { useTick } from './ticking.js';
import './operations.css';

/** How the service does: what waits to be projected, what runs, what was refused, and what the log is. */
export function Operations() {
  const tick = useTick();
  const fresh = () => tick.value;
  return (
    <div class="read">
      <h1>{t('operations.title')}</h1>
      <Ready fresh={fresh} />
      <Lag fresh={fresh} />
      <Runs fresh={fresh} />
      <Letters fresh={fresh} />
      <Log fresh={fresh} />
    </div>
  );
}

interface Fresh {
  fresh: () => unknown;
}

function Ready({ fresh }: Fresh) {
  const { data, problem } = useAnswer<Health>(() => ({ path: 'readyz' }), fresh).value;
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

function Lag({ fresh }: Fresh) {
  const { data, problem } = useAnswer<Projections>(() => ({ path: 'v1/projections' }), fresh).value;
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
          <details open={events > 0}>
            <summary>{t('operations.by-shard', { n: shards.length })}</summary>
            <div class="scroll" tabIndex={0} role="region" aria-label={t('operations.lag')}>
              <table class="numbers">
                <thead>
                  <tr>
                    <th scope="col">{t('operations.shard')}</th>
                    <th scope="col">{t('operations.head')}</th>
                    <th scope="col">{t('operations.checkpoint')}</th>
                    <th scope="col">{t('operations.lag-events')}</th>
                    <th scope="col">{t('operations.lag-seconds')}</th>
                  </tr>
                </thead>
                <tbody>
                  {shards.map(({ shard, head, checkpoint, lag }) => (
                    <tr key={shard}>
                      <th scope="row">{shard}</th>
                      <td>{head}</td>
                      <td>{checkpoint}</td>
                      <td>{lag.events}</td>
                      <td>{lag.seconds}</td>
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

function Runs({ fresh }: Fresh) {
  const { data, problem } = useAnswer<Page<Run>>(
    () => ({ path: 'v1/replays', query: { limit: '10' } }),
    fresh,
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

function Letters({ fresh }: Fresh) {
  const { data, problem } = useAnswer<LetterCounts>(() => ({ path: 'v1/dead-letters/counts' }), fresh).value;
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

function Log({ fresh }: Fresh) {
  const { data, problem } = useAnswer<Checkpoint>(() => ({ path: 'v1/checkpoint' }), fresh).value;
  const projections = useAnswer<Projections>(() => ({ path: 'v1/projections' }), fresh).value.data;
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
            <dt>{t('operations.ruleset')}</dt>
            <dd>{projections?.rulesetVersion}</dd>
            <dt>{t('operations.events')}</dt>
            <dd>{data.heads.reduce((sum, { size }) => sum + size, 0)}</dd>
            <dt>{t('operations.checkpoint-time')}</dt>
            <dd>
              <Time at={data.time} precision="second" />
            </dd>
          </dl>
          <details>
            <summary>{t('operations.trees')}</summary>
            <div class="scroll" tabIndex={0} role="region" aria-label={t('operations.trees')}>
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
                      <td>{size}</td>
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
