import { route } from '../address/address.js';
import { Link } from '../address/link.js';
import { useTitle } from '../address/title.js';
import { useAnswer } from '../api/question.js';
import { Time } from '../language/dates.js';
import { language, maybe, t } from '../language/language.js';
import { ProblemNote } from '../look/problem.js';
import type { Run } from './answers.js';
import { OFTEN_MS } from './often.js';
import { spanOf } from './span.js';
import './operations.css';

export function RunsTable({ runs }: { runs: readonly Run[] }) {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t('operations.runs')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('run.what')}</th>
            <th scope="col">{t('run.state')}</th>
            <th scope="col">{t('run.progress')}</th>
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
                <span class="small faint run-pace">{paceOf(run)}</span>
              </td>
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

/** How fast it is, and how long it takes still. */
const paceOf = ({ rate, eta }: Run): string =>
  [
    rate !== null && t('run.events-a-second', { n: rate }),
    eta !== null &&
      t('run.left', { span: spanOf(Math.max(0, Date.parse(eta) - Date.now()), language.value) }),
  ]
    .filter(Boolean)
    .join(', ');

export function RunView() {
  useTitle(() => t('run.title'));
  const { data, problem } = useAnswer<Run & { result: unknown; spec: unknown }>(
    () =>
      route.value.view === 'run' ? { path: `v1/replays/${encodeURIComponent(route.value.id)}` } : undefined,
    undefined,
    OFTEN_MS,
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
          <p>
            <span role="status">
              {maybe(`run.state-${data.state}`) ?? data.state}
              {data.cancelRequested && data.endedAt === null && ` (${t('run.cancelling')})`}
            </span>{' '}
            · <Progress run={data} />
            <span class="small faint run-pace">{paceOf(data)}</span>
          </p>
          {data.error !== null && <p class="problem">{data.error}</p>}
          <dl class="facts">
            <dt>{t('run.started')}</dt>
            <dd>
              <Time at={data.startedAt} precision="second" />
            </dd>
            <dt>{t('run.ended')}</dt>
            <dd>{data.endedAt === null ? '–' : <Time at={data.endedAt} precision="second" />}</dd>
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
