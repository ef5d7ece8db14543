import { route } from '../address/address.js';
import { Link } from '../address/link.js';
import { useAnswer } from '../api/question.js';
import { Time } from '../language/dates.js';
import { maybe, t } from '../language/language.js';
import { ProblemNote } from '../look/problem.js';
import type { Run } from './answers.js';
import { useTick } from './ticking.js';
import './operations.css';

export function RunsTable({ runs }: { runs: readonly Run[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('operations.runs')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('run.what')}</th>
            <th scope="col">{t('run.state')}</th>
            <th scope="col">{t('run.progress')}</th>
            <th scope="col">{t('run.rate')}</th>
            <th scope="col">{t('run.started')}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.replayId}>
              <th scope="row">
                <Link to={{ view: 'run', id: run.replayId }}>
                  {maybe(`run.kind-${run.kind}`) ?? run.kind}
                </Link>
              </th>
              <td>{maybe(`run.state-${run.state}`) ?? run.state}</td>
              <td>
                <Progress run={run} />
              </td>
              <td>{run.rate === null ? '' : t('run.events-a-second', { n: run.rate })}</td>
              <td>
                <Time at={run.startedAt ?? run.createdAt} precision="second" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How far a run is, in words and as a bar. */
function Progress({ run: { done, total, state } }: { run: Run }) {
  const words = total === null ? t('run.done', { n: done }) : t('run.done-of', { n: done, total });
  return (
    <>
      {total !== null && state === 'running' && (
        <progress max={Math.max(1, total)} value={done} aria-label={words} />
      )}{' '}
      {words}
    </>
  );
}

export function RunView() {
  const tick = useTick();
  const { data, problem } = useAnswer<Run & { result: unknown; spec: unknown }>(
    () =>
      route.value.view === 'run' ? { path: `v1/replays/${encodeURIComponent(route.value.id)}` } : undefined,
    () => tick.value,
  ).value;
  return (
    <div class="read">
      <p>
        <Link to={{ view: 'operations' }}>{t('operations.title')}</Link>
      </p>
      <h1>{data === undefined ? t('run.title') : (maybe(`run.kind-${data.kind}`) ?? data.kind)}</h1>
      <ProblemNote problem={problem} />
      {data !== undefined && (
        <>
          <p role="status">
            {maybe(`run.state-${data.state}`) ?? data.state}
            {data.cancelRequested && data.endedAt === null && ` (${t('run.cancelling')})`} ·{' '}
            <Progress run={data} />
          </p>
          {data.error !== null && <p class="problem">{data.error}</p>}
          <dl class="facts">
            <dt>{t('run.started')}</dt>
            <dd>
              <Time at={data.startedAt} precision="second" />
            </dd>
            <dt>{t('run.ended')}</dt>
            <dd>{data.endedAt === null ? '–' : <Time at={data.endedAt} precision="second" />}</dd>
            {data.eta !== null && (
              <>
                <dt>{t('run.eta')}</dt>
                <dd>
                  <Time at={data.eta} precision="second" />
                </dd>
              </>
            )}
          </dl>
          <h2>{t('run.spec')}</h2>
          <pre class="scroll" tabIndex={0}>
            {JSON.stringify(data.spec, null, 2)}
          </pre>
          {data.result != null && (
            <>
              <h2>{t('run.result')}</h2>
              <pre class="scroll" tabIndex={0}>
                {JSON.stringify(data.result, null, 2)}
              </pre>
            </>
          )}
        </>
      )}
    </div>
  );
}
